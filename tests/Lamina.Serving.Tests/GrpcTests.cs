using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests;

/// <summary>The gRPC form of the protocol, by a generated client.</summary>
public sealed class GrpcTests
{
    [Fact]
    public async Task Health_and_metadata_are_those_of_REST()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Assert.True((await server.Grpc.ServerLiveAsync(new())).Live);
        Assert.True((await server.Grpc.ServerReadyAsync(new())).Ready);
        Assert.True((await server.Grpc.ModelReadyAsync(new() { Name = "m" })).Ready);
        Assert.True((await server.Grpc.ModelReadyAsync(new() { Name = "m", Version = "1" })).Ready);
        Assert.False((await server.Grpc.ModelReadyAsync(new() { Name = "m", Version = "2" })).Ready);
        Assert.False((await server.Grpc.ModelReadyAsync(new() { Name = "other" })).Ready);
        ServerMetadataResponse metadata = await server.Grpc.ServerMetadataAsync(new());
        Assert.Equal("lamina", metadata.Name);
        Assert.Contains("schedule_policy", metadata.Extensions);
        ModelMetadataResponse model = await server.Grpc.ModelMetadataAsync(new() { Name = "m" });
        Assert.Equal(["1"], model.Versions);
        Assert.Equal([-1, 2, 2], Assert.Single(model.Inputs).Shape);
        Assert.Equal("FP32", Assert.Single(model.Outputs).Datatype);
    }

    [Fact]
    public async Task Raw_contents_go_in_and_out()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request(contents: null);
        request.Id = "42";
        request.RawInputContents.Add(ByteString.CopyFrom(BinaryDataTests.Bytes([1, 2, 3, 4])));
        ModelInferResponse response = await server.Grpc.ModelInferAsync(request);
        Assert.Equal("42", response.Id);
        Assert.Equal(("m", "1"), (response.ModelName, response.ModelVersion));
        Assert.Equal([1, 3], Assert.Single(response.Outputs).Shape);
        Assert.Equal([-10, 10, 5], Floats(response.RawOutputContents[0]));
        Assert.Null(response.Outputs[0].Contents);
    }

    [Fact]
    public async Task Typed_contents_go_in_and_come_out_if_asked_for()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request(new InferTensorContents { Fp32Contents = { 1, 2, 3, 4 } });
        Assert.Equal([-10, 10, 5], Floats((await server.Grpc.ModelInferAsync(request)).RawOutputContents[0]));
        request.Parameters["binary_data_output"] = new InferParameter { BoolParam = false };
        ModelInferResponse response = await server.Grpc.ModelInferAsync(request);
        Assert.Equal([-10, 10, 5], response.Outputs[0].Contents.Fp32Contents);
        Assert.Empty(response.RawOutputContents);
        request = Request(new InferTensorContents { Fp64Contents = { 1, 2, 3, 4 } });
        request.Inputs[0].Datatype = "FP64";
        Assert.Equal([-10, 10, 5], Floats((await server.Grpc.ModelInferAsync(request)).RawOutputContents[0]));
    }

    [Fact]
    public async Task Images_go_in_and_classifications_come_out()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request(
            new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("1234") } }
        );
        request.Inputs[0].Datatype = "BYTES";
        request.Inputs[0].Shape.Clear();
        request.Inputs[0].Shape.Add([1, 1]);
        request.Outputs.Add(
            new ModelInferRequest.Types.InferRequestedOutputTensor
            {
                Name = "y",
                Parameters = { ["classification"] = new InferParameter { Int64Param = 1 } },
            }
        );
        ModelInferResponse response = await server.Grpc.ModelInferAsync(request);
        Assert.Equal("10:1:plus", response.RawOutputContents[0].ToStringUtf8()[4..]);
        request.Inputs[0].Contents.BytesContents[0] = ByteString.CopyFromUtf8("nope");
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.ModelInferAsync(request)
        );
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }

    [Theory]
    [InlineData("other", "", StatusCode.NotFound)]
    [InlineData("m", "2", StatusCode.NotFound)]
    public async Task What_is_not_there_is_NOT_FOUND(string model, string version, StatusCode code)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request(new InferTensorContents());
        (request.ModelName, request.ModelVersion) = (model, version);
        Assert.Equal(code, await Status(async () => await server.Grpc.ModelInferAsync(request)));
        Assert.Equal(
            code,
            await Status(async () => await server.Grpc.ModelMetadataAsync(new() { Name = model, Version = version }))
        );
    }

    [Fact]
    public async Task Raw_contents_exclude_typed_ones()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request(new InferTensorContents { Fp32Contents = { 1, 2, 3, 4 } });
        request.RawInputContents.Add(ByteString.CopyFrom(new byte[16]));
        Assert.Equal(StatusCode.InvalidArgument, await Status(async () => await server.Grpc.ModelInferAsync(request)));
        request.Inputs[0].Contents = null;
        request.RawInputContents.Add(ByteString.Empty);
        Assert.Equal(StatusCode.InvalidArgument, await Status(async () => await server.Grpc.ModelInferAsync(request)));
    }

    [Fact]
    public async Task A_failing_model_is_INTERNAL_and_a_full_queue_UNAVAILABLE()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(
            model,
            BatchingTests.Batching(new() { QueueLimit = 1 })
        );
        ModelInferRequest poison = Request(new InferTensorContents { Fp32Contents = { FakeModel.Poison, 0, 0, 0 } });
        Assert.Equal(StatusCode.Internal, await Status(async () => await server.Grpc.ModelInferAsync(poison)));
        Task<Reply> first = await BatchingTests.HoldUp(server, model);
        ModelInferRequest good = Request(new InferTensorContents { Fp32Contents = { 1, 0, 0, 0 } });
        AsyncUnaryCall<ModelInferResponse> waits = server.Grpc.ModelInferAsync(good);
        await BatchingTests.Waiting(server, 1);
        Assert.Equal(StatusCode.Unavailable, await Status(async () => await server.Grpc.ModelInferAsync(good)));
        model.Gate.Set();
        await Task.WhenAll(first, waits.ResponseAsync);
    }

    [Fact]
    public async Task A_deadline_or_a_cancellation_of_the_client_leaves_the_queue()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model);
        Task<Reply> first = await BatchingTests.HoldUp(server, model);
        ModelInferRequest request = Request(new InferTensorContents { Fp32Contents = { 7, 0, 0, 0 } });
        Assert.Equal(
            StatusCode.DeadlineExceeded,
            await Status(async () =>
                await server.Grpc.ModelInferAsync(request, deadline: DateTime.UtcNow.AddMilliseconds(100))
            )
        );
        using AsyncUnaryCall<ModelInferResponse> call = server.Grpc.ModelInferAsync(request);
        await BatchingTests.Waiting(server, 1);
        call.Dispose();
        await BatchingTests.Waiting(server, 0);
        model.Gate.Set();
        await first;
        Assert.DoesNotContain(7, model.Order);
    }

    [Fact]
    public async Task A_stream_goes_on_after_a_request_that_fails()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        using var stream = server.Grpc.ModelStreamInfer();
        foreach (float value in new[] { 1, FakeModel.Poison, 2 })
        {
            await stream.RequestStream.WriteAsync(
                Request(new InferTensorContents { Fp32Contents = { value, 0, 0, 0 } })
            );
        }
        await stream.RequestStream.CompleteAsync();
        var responses = new List<ModelStreamInferResponse>();
        await foreach (ModelStreamInferResponse response in stream.ResponseStream.ReadAllAsync())
        {
            responses.Add(response);
        }
        Assert.Equal([true, false, true], responses.Select(r => r.ErrorMessage.Length == 0));
        Assert.Equal(2, Floats(responses[2].InferResponse.RawOutputContents[0]).ElementAt(1));
    }

    [Fact]
    public async Task A_message_beyond_gRPCs_usual_4_MB_is_read_and_one_beyond_the_limit_refused()
    {
        var model = new FakeModel { Inputs = [new TensorSpec("x", Shape.Of(1024, 1024))] };
        await using TestServer server = await TestServer.StartAsync(
            model,
            options =>
            {
                options.MaxRequestBytes = 10 << 20;
                options.Batching = new() { MaxBatch = 4 };
            }
        );
        ModelInferRequest request = Request(contents: null, 2, 1024, 1024);
        request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(new byte[8 << 20]));
        Assert.Equal([2, 3], (await server.Grpc.ModelInferAsync(request)).Outputs[0].Shape);
        request = Request(contents: null, 4, 1024, 1024);
        request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(new byte[16 << 20]));
        Assert.Equal(
            StatusCode.ResourceExhausted,
            await Status(async () => await server.Grpc.ModelInferAsync(request))
        );
    }

    [Fact]
    public async Task The_configuration_has_what_image_clients_read()
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel { Inputs = [new TensorSpec("x", Shape.Of(8, 8, 3))] },
            BatchingTests.Batching(new() { MaxBatch = 16 })
        );
        ModelConfig config = (await server.Grpc.ModelConfigAsync(new() { Name = "m" })).Config;
        Assert.Equal(16, config.MaxBatchSize);
        Assert.Equal(ModelInput.Types.Format.Nhwc, config.Input[0].Format);
        Assert.Equal([8, 8, 3], config.Input[0].Dims);
        Reply rest = await server.Get("/v2/models/m/config");
        Assert.Equal(16, (int)rest.Json["max_batch_size"]!);
        Assert.Equal("FORMAT_NHWC", (string)rest.Json["input"]![0]!["format"]!);
        Assert.Equal("TYPE_FP32", (string)rest.Json["output"]![0]!["data_type"]!);
    }

    private static ModelInferRequest Request(InferTensorContents? contents, params long[] shape) =>
        new()
        {
            ModelName = "m",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = { shape is [] ? [1, 2, 2] : shape },
                    Contents = contents,
                },
            },
        };

    private static IEnumerable<float> Floats(ByteString raw) => MemoryMarshal.Cast<byte, float>(raw.Span).ToArray();

    private static async Task<StatusCode> Status(Func<Task> call) =>
        (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;
}
