using System.Diagnostics;
using Grpc.Core;
using Lamina.Serving.Grpc;
using Microsoft.Extensions.Logging;

namespace Lamina.Serving;

/// <summary>The gRPC form of the Open Inference Protocol.</summary>
internal sealed partial class GrpcApi(
    ModelRegistry registry,
    InferenceRunner runner,
    ServerMetadata server,
    ModelControl control,
    BufferedBytes buffered,
    ILogger<GrpcApi> logger
) : PooledService
{
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = registry.IsReady });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Answer(() => new ModelReadyResponse { Ready = registry.IsModelReady(request.Name, request.Version) });

    public override Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request,
        ServerCallContext context
    ) =>
        Task.FromResult(
            new ServerMetadataResponse
            {
                Name = server.Name,
                Version = server.Version,
                Extensions = { server.Extensions },
            }
        );

    public override Task<ModelMetadataResponse> ModelMetadata(
        ModelMetadataRequest request,
        ServerCallContext context
    ) =>
        Answer(() =>
        {
            ServedVersion version = registry.Find(request.Name, request.Version);
            return new ModelMetadataResponse
            {
                Name = version.ModelName,
                Versions = { registry.VersionsOf(version.ModelName) },
                Platform = version.Model.Platform,
                Inputs = { version.Model.Inputs.Select(Metadata) },
                Outputs = { version.Model.Outputs.Select(Metadata) },
            };
        });

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        try
        {
            return await InferAsync(request, context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Error(e);
        }
    }

    public override async Task ModelStreamInfer(
        IAsyncStreamReader<ModelInferRequest> requestStream,
        IServerStreamWriter<ModelStreamInferResponse> responseStream,
        ServerCallContext context
    )
    {
        await foreach (ModelInferRequest request in requestStream.ReadAllAsync().ConfigureAwait(false))
        {
            var response = new ModelStreamInferResponse();
            try
            {
                response.InferResponse = await InferAsync(request, context.CancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!context.CancellationToken.IsCancellationRequested)
            {
                // The stream goes on after a request that fails.
                response.ErrorMessage = Error(e).Status.Detail;
                response.InferResponse = new ModelInferResponse { Id = request.Id, ModelName = request.ModelName };
            }
            await responseStream.WriteAsync(response).ConfigureAwait(false);
        }
    }

    public override Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context) =>
        Answer(() =>
            new ModelConfigResponse { Config = ModelConfiguration.Of(registry.Find(request.Name, request.Version)) }
        );

    public override Task<ModelStatisticsResponse> ModelStatistics(
        ModelStatisticsRequest request,
        ServerCallContext context
    ) => Answer(() => StatisticsReport.Of(registry.Loaded(request.Name, request.Version)));

    public override Task<RepositoryIndexResponse> RepositoryIndex(
        RepositoryIndexRequest request,
        ServerCallContext context
    ) => Answer(() => control.Index(request.Ready));

    public override async Task<RepositoryModelLoadResponse> RepositoryModelLoad(
        RepositoryModelLoadRequest request,
        ServerCallContext context
    )
    {
        try
        {
            await control.LoadAsync(request.ModelName, request.Parameters.Keys).ConfigureAwait(false);
            return new RepositoryModelLoadResponse();
        }
        catch (Exception e)
        {
            throw Error(e);
        }
    }

    public override async Task<RepositoryModelUnloadResponse> RepositoryModelUnload(
        RepositoryModelUnloadRequest request,
        ServerCallContext context
    )
    {
        try
        {
            await control.UnloadAsync(request.ModelName).ConfigureAwait(false);
            return new RepositoryModelUnloadResponse();
        }
        catch (Exception e)
        {
            throw Error(e);
        }
    }

    private async Task<ModelInferResponse> InferAsync(ModelInferRequest request, CancellationToken cancellation)
    {
        long arrived = Stopwatch.GetTimestamp();
        RequestMemory memory = request.Memory ?? new RequestMemory();
        ServedVersion? version = null;
        try
        {
            buffered.Add(memory, request.RawTensors.Sum(t => (long)t.Length));
            version = runner.Lease(request.ModelName, request.ModelVersion);
            InferenceRequest inference = GrpcRequestReader.Read(request, memory);
            InferenceResult result = await runner
                .RunAsync(version, inference, memory, arrived, cancellation)
                .ConfigureAwait(false);
            return GrpcResponseWriter.Write(result);
        }
        finally
        {
            memory.Release();
            version?.Release();
        }
    }

    private static ModelMetadataResponse.Types.TensorMetadata Metadata(TensorSpec tensor) =>
        new()
        {
            Name = tensor.Name,
            Datatype = DataType.Fp32,
            Shape = { tensor.Dimensions },
        };

    private Task<T> Answer<T>(Func<T> answer)
    {
        try
        {
            return Task.FromResult(answer());
        }
        catch (Exception e)
        {
            return Task.FromException<T>(Error(e));
        }
    }

    private RpcException Error(Exception exception)
    {
        RpcException error = GrpcErrors.Of(exception);
        if (error.StatusCode == StatusCode.Internal)
        {
            LogFailed(exception.InnerException ?? exception);
        }
        return error;
    }

    [LoggerMessage(1, LogLevel.Error, "A gRPC request failed")]
    private partial void LogFailed(Exception exception);
}
