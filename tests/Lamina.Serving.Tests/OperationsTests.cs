using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace Lamina.Serving.Tests;

/// <summary>Who is let in, what is refused before it is read, and how the server ends.</summary>
public sealed class OperationsTests
{
    private const string Infer = "/v2/models/m/infer";

    [Fact]
    public async Task The_server_listens_on_the_loopback_and_says_nothing_of_itself_to_strangers()
    {
        Assert.Equal(IPAddress.Loopback, new ServerOptions().Address);
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Assert.True(server.Address.IsLoopback);
        using var request = new HttpRequestMessage(HttpMethod.Options, Infer);
        request.Headers.Add("Origin", "https://example.org");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.DoesNotContain(response.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.Ordinal));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task An_API_key_is_needed_except_for_health()
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            options: new ServerOptions { ApiKeys = ["first", "second"] }
        );
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/health/ready")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Get("/v2")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Get("/metrics")).Status);
        Reply refused = await server.Post(Infer, BatchingTests.Request(1));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("API key", refused.Error, StringComparison.Ordinal);
        Assert.True((await server.Grpc.ServerLiveAsync(new())).Live);
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.ServerMetadataAsync(new())
        );
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
        var headers = new Metadata { { "authorization", "Bearer second" } };
        Assert.Equal("lamina", (await server.Grpc.ServerMetadataAsync(new(), headers)).Name);

        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "third");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Post(Infer, BatchingTests.Request(1))).Status);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "first");
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, BatchingTests.Request(1))).Status);
        server.Http.DefaultRequestHeaders.Authorization = null;
        server.Http.DefaultRequestHeaders.Add("X-API-Key", "second");
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, BatchingTests.Request(1))).Status);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_it_is_read()
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            options => options.MaxRequestBytes = 1000
        );
        Reply reply = await server.Post(Infer, new string(' ', 1001));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.Status);
        Assert.Contains("1000", reply.Error, StringComparison.Ordinal);
        // Without a length, it is refused once it is read so far.
        var chunked = new StreamContent(new StreamOfUnknownLength());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.Send(HttpMethod.Post, Infer, chunked)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, BatchingTests.Request(1))).Status);
    }

    [Fact]
    public async Task Bodies_in_memory_are_limited_together_and_given_back()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(
            model,
            options => (options.MaxRequestBytes, options.MaxBufferedBytes) = (1000, 1000)
        );
        model.Gate.Reset();
        Task<Reply> first = server.Post(Infer, BatchingTests.Request(1).PadRight(900));
        await BatchingTests.Until(() => model.IsComputing);
        Reply refused = await server.Post(Infer, BatchingTests.Request(1).PadRight(900));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        model.Gate.Set();
        await first;
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, BatchingTests.Request(1).PadRight(900))).Status);
    }

    [Fact]
    public async Task Requests_beyond_the_rate_are_429_but_not_of_health()
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            options: new ServerOptions { RequestsPerSecond = 1 }
        );
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 200; i++)
        {
            statuses.Add((await server.Get("/v2")).Status);
            Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/health/live")).Status);
        }
        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task Requests_that_have_begun_end_before_the_server_does()
    {
        var model = new FakeModel();
        TestServer server = await TestServer.StartAsync(model);
        Task<Reply> running = await BatchingTests.HoldUp(server, model);
        Task<Reply> waiting = server.Post(Infer, BatchingTests.Request(2));
        await BatchingTests.Waiting(server, 1);
        Task stop = server.Server.StopAsync();
        await BatchingTests.Until(() => !server.Registry.IsReady);
        Assert.False(stop.IsCompleted);
        model.Gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await running).Status);
        Assert.Equal(HttpStatusCode.OK, (await waiting).Status);
        await stop;
        Assert.True(model.IsDisposed);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task The_end_does_not_wait_longer_than_its_limit()
    {
        var model = new FakeModel();
        TestServer server = await TestServer.StartAsync(
            model,
            options: new ServerOptions { ShutdownLimit = TimeSpan.FromMilliseconds(200) }
        );
        Task<Reply> running = await BatchingTests.HoldUp(server, model);
        await Record.ExceptionAsync(server.Server.StopAsync);
        Assert.NotNull(await Record.ExceptionAsync(() => running));
        model.Gate.Set();
        await Record.ExceptionAsync(async () => await server.DisposeAsync());
    }

    [Fact]
    public async Task TLS_and_client_certificates()
    {
        using X509Certificate2 authority = Authority("CN=authority");
        using X509Certificate2 other = Authority("CN=other");
        using X509Certificate2 certificate = Issue(authority, "CN=localhost");
        var options = new ServerOptions { Certificate = certificate, ClientAuthorities = [authority] };
        await using TestServer server = await TestServer.StartAsync(new FakeModel(), options: options);
        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal(HttpStatusCode.OK, await Ask(server.Address, authority, Issue(authority, "CN=client")));
        Assert.Equal(
            HttpStatusCode.OK,
            await Ask(server.Server.GrpcAddress!, authority, Issue(authority, "CN=client"))
        );
        await Assert.ThrowsAnyAsync<Exception>(() => Ask(server.Address, authority, Issue(other, "CN=client")));
        await Assert.ThrowsAnyAsync<Exception>(() => Ask(server.Address, authority, null));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_of_one_line()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        await using InferenceServer second = InferenceServer.Create(
            new ServerOptions { Port = server.Address.Port, GrpcPort = null },
            models => models.AddModel("m", () => new FakeModel())
        );
        LaminaException error = await Assert.ThrowsAsync<LaminaException>(() => second.StartAsync());
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static async Task<HttpStatusCode> Ask(Uri address, X509Certificate2 authority, X509Certificate2? client)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate?.Issuer == authority.Subject;
        if (client is not null)
        {
            handler.SslOptions.ClientCertificates = [client];
        }
        using var http = new HttpClient(handler) { BaseAddress = address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/health/live")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        using X509Certificate2 issued = request.Create(
            authority,
            DateTimeOffset.UtcNow.AddHours(-1),
            DateTimeOffset.UtcNow.AddDays(1),
            RandomNumberGenerator.GetBytes(8)
        );
        using X509Certificate2 whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }

    private sealed class StreamOfUnknownLength() : MemoryStream(new byte[2000])
    {
        public override bool CanSeek => false;
    }
}
