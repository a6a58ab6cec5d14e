using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Lamina.Serving.Grpc;

namespace Lamina.Bench.Serving;

/// <summary>Clients that send one image as a binary tensor and read a binary answer.</summary>
internal sealed class LoadClients : IDisposable
{
    private const string Infer = "/v2/models/m/infer";

    private readonly HttpClient _http;
    private readonly GrpcChannel _channel;
    private readonly GRPCInferenceService.GRPCInferenceServiceClient _grpc;
    private readonly ModelInferRequest _request;
    private readonly byte[] _body;
    private readonly int _jsonLength;
    private readonly byte[] _timed;
    private readonly int _timedLength;

    public LoadClients(Uri rest, Uri grpc, string input, int size)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = rest };
        _channel = GrpcChannel.ForAddress(
            grpc,
            new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null }
        );
        _grpc = new(_channel);
        float[] image = [.. Enumerable.Range(0, size * size * 3).Select(i => MathF.Sin(i))];
        byte[] data = MemoryMarshal.AsBytes(image).ToArray();
        (_body, _jsonLength) = Body(input, size, data, "");
        (_timed, _timedLength) = Body(input, size, data, "\"timeout\":2000000,");
        _request = new ModelInferRequest
        {
            ModelName = "m",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = input,
                    Datatype = "FP32",
                    Shape = { 1, size, size, 3 },
                },
            },
            RawInputContents = { UnsafeByteOperations.UnsafeWrap(data) },
        };
    }

    public Task<HttpStatusCode> RestAsync() => PostAsync(_body, _jsonLength);

    /// <summary>Sends a request with a timeout of two seconds.</summary>
    public Task<HttpStatusCode> TimedAsync() => PostAsync(_timed, _timedLength);

    public async Task<HttpStatusCode> GrpcAsync()
    {
        try
        {
            await _grpc.ModelInferAsync(_request);
            return HttpStatusCode.OK;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }

    public async Task<JsonNode> StatisticsAsync() =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri("/v2/models/m/stats", UriKind.Relative)))!["model_stats"]![
            0
        ]!;

    public void Dispose()
    {
        _http.Dispose();
        _channel.Dispose();
    }

    private async Task<HttpStatusCode> PostAsync(byte[] body, int jsonLength)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", jsonLength.ToString(CultureInfo.InvariantCulture));
        using HttpResponseMessage response = await _http.PostAsync(new Uri(Infer, UriKind.Relative), content);
        await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode;
    }

    private static (byte[] Body, int JsonLength) Body(string input, int size, byte[] data, string parameters)
    {
        string json =
            $$"""{"parameters":{ {{parameters}} "binary_data_output":true},"inputs":[{"name":"{{input}}","shape":[1,{{size}},{{size}},3],"datatype":"FP32","parameters":{"binary_data_size":{{data.Length}} } }]}""";
        byte[] head = Encoding.UTF8.GetBytes(json);
        return ([.. head, .. data], head.Length);
    }
}
