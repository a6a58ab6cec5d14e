using Grpc.Core;
using Grpc.Net.Client;
using Lamina.Serving.Grpc;

namespace Lamina.Bench.Serving;

/// <summary>gRPC by the usual client of .NET, over a connection of its own.</summary>
internal sealed class GrpcClient : LoadClient
{
    private readonly GrpcChannel _channel;
    private readonly GRPCInferenceService.GRPCInferenceServiceClient _client;
    private readonly ModelInferRequest _request;

    public GrpcClient(Uri address, ModelInferRequest request)
    {
        _channel = GrpcChannel.ForAddress(
            address,
            new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null }
        );
        (_client, _request) = (new(_channel), request);
    }

    public override async ValueTask<int> SendAsync()
    {
        try
        {
            await _client.ModelInferAsync(_request).ConfigureAwait(false);
            return Ok;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            return Refused;
        }
    }

    public override void Dispose() => _channel.Dispose();
}
