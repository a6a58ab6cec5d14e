using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lamina.Serving.Tests;

/// <summary>Models that are replaced and deleted, and a server that ends, while clients ask.</summary>
public sealed class LoadFaultTests : IDisposable
{
    private const string Infer = "/v2/models/m/infer";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_deleted_under_load_without_a_lost_request()
    {
        var models = new ConcurrentBag<FakeModel>();
        await using TestServer server = await TestServer.StartAsync(
            builder =>
                builder.AddModel(
                    "m",
                    () =>
                    {
                        var model = new FakeModel { Delay = TimeSpan.FromMilliseconds(2) };
                        models.Add(model);
                        return model;
                    }
                ),
            options => options.AllowModelControl = true
        );
        using var end = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(() => Ask(server, end.Token)))];
        for (int i = 0; i < 8; i++)
        {
            await BatchingTests.Until(() => models.First().Order.Count(v => v > 0) > 3);
            await server.Registry.UnloadAsync("m");
            // Once it is unloaded, its last request has ended.
            Assert.All(models, m => Assert.True(m.IsDisposed));
            await server.Registry.LoadAsync("m");
        }
        await end.CancelAsync();
        int answered = (await Task.WhenAll(clients)).Sum();
        // Whatever a model computed, a client has got.
        Assert.Equal(models.Sum(m => m.Order.Count(v => v > 0)), answered);
    }

    [Fact]
    public async Task A_server_that_ends_under_load_answers_what_it_has_accepted()
    {
        for (int round = 0; round < 5; round++)
        {
            var model = new FakeModel { Delay = TimeSpan.FromMilliseconds(2) };
            TestServer server = await TestServer.StartAsync(model, options: new ServerOptions { Page = null });
            Task<(int Ok, int Broken)>[] clients =
            [
                .. Enumerable.Range(0, 6).Select(_ => Task.Run(() => AskUntilTheEnd(server))),
            ];
            await BatchingTests.Until(() => model.Order.Count(v => v > 0) > 20);
            await server.Server.StopAsync();
            (int Ok, int Broken)[] ends = await Task.WhenAll(clients);
            Assert.Equal(model.Order.Count(v => v > 0), ends.Sum(e => e.Ok));
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_repository_that_is_deleted_from_the_disk_is_still_served()
    {
        string run = PageModels.Write(_folder);
        string repository = _folder["repository"];
        Directory.CreateDirectory(Path.Combine(repository, "m", "1"));
        Directory.Move(run, Path.Combine(repository, "m", "1", "model.lamina"));
        await using TestServer server = await TestServer.StartAsync(
            models => models.AddRepository(repository),
            options => options.AllowModelControl = true
        );
        byte[] image = PageModels.Picture(240, 30, 20);
        float[] before = await Probabilities(server, image);
        Directory.Delete(Path.Combine(repository, "m"), recursive: true);
        Assert.Equal(before, await Probabilities(server, image));
        Reply load = await server.Post("/v2/repository/models/m/load", "");
        Assert.Equal(HttpStatusCode.NotFound, load.Status);
        Assert.Equal(before, await Probabilities(server, image));
    }

    private static async Task<float[]> Probabilities(TestServer server, byte[] image)
    {
        var content = new ByteArrayContent(image);
        content.Headers.Add("Inference-Header-Content-Length", "0");
        Reply reply = await server.Send(HttpMethod.Post, Infer, content);
        Assert.True(reply.Status == HttpStatusCode.OK, Encoding.UTF8.GetString(reply.Body));
        return [.. reply.Data()];
    }

    private static async Task<int> Ask(TestServer server, CancellationToken end)
    {
        int answered = 0;
        while (!end.IsCancellationRequested)
        {
            Reply reply = await server.Post(Infer, BatchingTests.Request(1));
            Assert.True(
                reply.Status is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable
            );
            answered += reply.Status == HttpStatusCode.OK ? 1 : 0;
        }
        return answered;
    }

    /// <summary>Asks over one connection after the other, until none can be opened.</summary>
    private static async Task<(int Ok, int Broken)> AskUntilTheEnd(TestServer server)
    {
        string body = BatchingTests.Request(1);
        byte[] request = Encoding.ASCII.GetBytes(
            $"POST {Infer} HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"
        );
        var (ok, broken) = (0, 0);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(server.Address.Host, server.Address.Port);
            }
            catch (SocketException)
            {
                return (ok, broken);
            }
            try
            {
                NetworkStream stream = client.GetStream();
                var buffer = new byte[4096];
                while (true)
                {
                    await stream.WriteAsync(request);
                    int read = await stream.ReadAsync(buffer);
                    if (read == 0)
                    {
                        break;
                    }
                    string answer = Encoding.ASCII.GetString(buffer, 0, read);
                    Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
                    ok++;
                }
            }
            catch (IOException)
            {
                // The connection was closed before the server read the request: a clean error, which a client may retry.
                broken++;
            }
        }
    }
}
