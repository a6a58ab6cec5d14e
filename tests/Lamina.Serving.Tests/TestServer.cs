using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Net.Client;
using Lamina.Serving.Grpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lamina.Serving.Tests;

/// <summary>A server on free ports of the loopback, with clients.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly InferenceServer _server;

    private TestServer(InferenceServer server) => _server = server;

    public HttpClient Http { get; private set; } = new();

    public GrpcChannel Channel { get; private set; } = null!;

    public GRPCInferenceService.GRPCInferenceServiceClient Grpc => new(Channel);

    public Uri Address => _server.Address;

    public InferenceServer Server => _server;

    public BufferedBytes Buffered => _server.Services.GetRequiredService<BufferedBytes>();

    public ModelRegistry Registry => _server.Services.GetRequiredService<ModelRegistry>();

    /// <summary>Starts a server with one model, "m".</summary>
    public static Task<TestServer> StartAsync(
        IInferenceModel model,
        Action<ServingOptions>? configure = null,
        ServerOptions? options = null
    ) => StartAsync(models => models.AddModel("m", () => model), configure, options);

    public static async Task<TestServer> StartAsync(
        Action<ServingBuilder> addModels,
        Action<ServingOptions>? configure = null,
        ServerOptions? options = null,
        bool untilReady = true
    )
    {
        options ??= new ServerOptions();
        (options.Port, options.GrpcPort, options.LogLevel) = (0, 0, LogLevel.None);
        InferenceServer server = InferenceServer.Create(options, addModels, configure);
        await server.StartAsync();
        if (untilReady)
        {
            await server.WaitUntilReadyAsync();
        }
        var test = new TestServer(server) { Http = new HttpClient { BaseAddress = server.Address } };
        test.Channel = GrpcChannel.ForAddress(
            server.GrpcAddress!,
            new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null }
        );
        return test;
    }

    public Task<Reply> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<Reply> Post(string path, string json) =>
        Send(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Posts a JSON object with binary data behind it.</summary>
    public Task<Reply> PostBinary(string path, string json, byte[] data)
    {
        byte[] head = Encoding.UTF8.GetBytes(json);
        var content = new ByteArrayContent([.. head, .. data]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(CultureInfo.InvariantCulture));
        return Send(HttpMethod.Post, path, content);
    }

    public async Task<Reply> Send(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using HttpResponseMessage response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        int? length = response.Headers.TryGetValues("Inference-Header-Content-Length", out var values)
            ? int.Parse(values.Single(), CultureInfo.InvariantCulture)
            : null;
        return new Reply(response.StatusCode, body, length, response);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Channel.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>What a server answered.</summary>
internal sealed record Reply(HttpStatusCode Status, byte[] Body, int? JsonLength, HttpResponseMessage Response)
{
    public JsonNode Json => JsonNode.Parse(Body.AsSpan(0, JsonLength ?? Body.Length))!;

    public byte[] Binary => Body[JsonLength!.Value..];

    public string Error => (string)Json["error"]!;

    public IEnumerable<float> Data(int output = 0) =>
        Json["outputs"]![output]!["data"]!.AsArray().Select(v => (float)v!);

    public IEnumerable<string> Strings(int output = 0) =>
        Json["outputs"]![output]!["data"]!.AsArray().Select(v => (string)v!);
}
