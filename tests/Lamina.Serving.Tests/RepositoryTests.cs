using System.Net;
using Grpc.Core;

namespace Lamina.Serving.Tests;

/// <summary>Loading, replacing and unloading models, and repositories of versions.</summary>
public sealed class RepositoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lamina-serving-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Model_control_is_off_unless_asked_for()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        foreach (string path in new[] { "index", "models/m/load", "models/m/unload" })
        {
            Reply reply = await server.Post($"/v2/repository/{path}", "{}");
            Assert.Equal(HttpStatusCode.NotImplemented, reply.Status);
            Assert.Contains("--model-control", reply.Error, StringComparison.Ordinal);
        }
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.RepositoryModelUnloadAsync(new() { ModelName = "m" })
        );
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/models/m/ready")).Status);
    }

    [Fact]
    public async Task A_model_is_unloaded_after_its_requests_and_can_be_loaded_again()
    {
        FakeModel model = new();
        await using TestServer server = await Controlled(models => models.AddModel("m", () => model = new FakeModel()));
        FakeModel first = model;
        Task<Reply> request = await BatchingTests.HoldUp(server, first);
        Task<Reply> unload = server.Post("/v2/repository/models/m/unload", "");
        await BatchingTests.Until(() => !server.Registry.IsModelReady("m", null));
        Reply refused = await server.Post("/v2/models/m/infer", BatchingTests.Request(1));
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.False(first.IsDisposed);
        first.Gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await request).Status);
        Assert.Equal(HttpStatusCode.OK, (await unload).Status);
        Assert.True(first.IsDisposed);
        Assert.Equal(
            """[{"name":"m","version":"","state":"UNAVAILABLE","reason":"unloaded"}]""",
            (await server.Post("/v2/repository/index", "")).Json.ToJsonString()
        );
        Assert.Equal("[]", (await server.Post("/v2/repository/index", """{"ready":true}""")).Json.ToJsonString());

        Assert.Equal(HttpStatusCode.OK, (await server.Post("/v2/repository/models/m/load", "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Post("/v2/models/m/infer", BatchingTests.Request(1))).Status);
        Assert.Equal("READY", (string)(await server.Post("/v2/repository/index", "{}")).Json[0]!["state"]!);
    }

    [Fact]
    public async Task A_model_is_replaced_under_load_without_a_lost_request()
    {
        int loads = 0;
        var models = new List<FakeModel>();
        await using TestServer server = await Controlled(builder =>
            builder.AddModel(
                "m",
                () =>
                {
                    var model = new FakeModel { Factor = ++loads };
                    models.Add(model);
                    return model;
                }
            )
        );
        using var end = new CancellationTokenSource();
        int answered = 0;
        Task[] clients =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (!end.IsCancellationRequested)
                        {
                            Reply reply = await server.Post("/v2/models/m/infer", BatchingTests.Request(1));
                            Assert.Equal(HttpStatusCode.OK, reply.Status);
                            Assert.True(server.Registry.IsReady);
                            Interlocked.Increment(ref answered);
                        }
                    })
                ),
        ];
        for (int i = 0; i < 10; i++)
        {
            int before = Volatile.Read(ref answered);
            await BatchingTests.Until(() => Volatile.Read(ref answered) > before + 5);
            await server.Grpc.RepositoryModelLoadAsync(new() { ModelName = "m" });
            Reply now = await server.Post("/v2/models/m/infer", BatchingTests.Request(1));
            Assert.Equal(loads, now.Data().ElementAt(1));
        }
        await end.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal(11, loads);
        // Replaced models are disposed once their last request has ended.
        await BatchingTests.Until(() => models.Count(m => !m.IsDisposed) == 1);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_leaves_the_one_before()
    {
        bool broken = false;
        await using TestServer server = await Controlled(models =>
            models.AddModel("m", () => broken ? throw new LaminaException("weights: are damaged.") : new FakeModel())
        );
        broken = true;
        Reply reply = await server.Post("/v2/repository/models/m/load", "");
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains("damaged", reply.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Post("/v2/models/m/infer", BatchingTests.Request(1))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/health/ready")).Status);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("..")]
    [InlineData("..%2Foutside")]
    [InlineData("%2Fetc")]
    public async Task A_name_that_is_not_in_the_listing_is_never_a_path(string name)
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "repository", "a"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "outside"));
        var loaded = new List<string>();
        await using TestServer server = await Controlled(models =>
            models.AddRepository(
                Path.Combine(_folder.FullName, "repository"),
                path =>
                {
                    loaded.Add(Path.GetFileName(path));
                    return new FakeModel();
                }
            )
        );
        Reply reply = await server.Post($"/v2/repository/models/{name}/load", "");
        Assert.NotEqual(HttpStatusCode.OK, reply.Status);
        Assert.Equal(["a"], loaded);
    }

    [Fact]
    public async Task A_repository_serves_the_highest_versions_and_new_ones_after_a_load()
    {
        foreach (string path in new[] { "m/1", "m/2", "m/10", "m/notes", "m/03", "plain", ".hidden", "no name" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, path));
        }
        await using TestServer server = await Controlled(
            models => models.AddRepository(_folder.FullName, path => new FakeModel { Factor = FactorOf(path) }),
            options => options.Versions = 2
        );
        Assert.Equal(["m", "plain"], server.Registry.Models.Keys.Order());
        Assert.Equal(["2", "10"], server.Registry.VersionsOf("m"));
        Assert.Equal(["1"], server.Registry.VersionsOf("plain"));
        Assert.Equal(10, (await server.Post("/v2/models/m/infer", BatchingTests.Request(1))).Data().ElementAt(1));
        Reply second = await server.Post("/v2/models/m/versions/2/infer", BatchingTests.Request(1));
        Assert.Equal(2, second.Data().ElementAt(1));
        Assert.Equal("2", (string)second.Json["model_version"]!);

        Directory.CreateDirectory(Path.Combine(_folder.FullName, "m", "11"));
        Directory.Delete(Path.Combine(_folder.FullName, "m", "2"));
        Assert.Equal(HttpStatusCode.OK, (await server.Post("/v2/repository/models/m/load", "")).Status);
        Assert.Equal(["10", "11"], server.Registry.VersionsOf("m"));
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await server.Post("/v2/models/m/versions/2/infer", BatchingTests.Request(1))).Status
        );
    }

    [Fact]
    public void Wrong_names_and_folders_are_errors_of_one_line()
    {
        LaminaException name = Assert.Throws<LaminaException>(() =>
            InferenceServer.Create(new ServerOptions(), models => models.AddModel("a/b", () => new FakeModel()))
        );
        Assert.Contains("a/b", name.Message, StringComparison.Ordinal);
        Assert.Throws<LaminaException>(() =>
            InferenceServer.Create(
                new ServerOptions(),
                models => models.AddModel("a", () => new FakeModel()).AddModel("a", () => new FakeModel())
            )
        );
        Assert.Throws<LaminaException>(() =>
            InferenceServer.Create(
                new ServerOptions(),
                models => models.AddRepository(Path.Combine(_folder.FullName, "none"), _ => new FakeModel())
            )
        );
    }

    private static float FactorOf(string path) => float.TryParse(Path.GetFileName(path), out float factor) ? factor : 1;

    private static Task<TestServer> Controlled(
        Action<ServingBuilder> models,
        Action<ServingOptions>? configure = null
    ) =>
        TestServer.StartAsync(
            models,
            options =>
            {
                options.AllowModelControl = true;
                configure?.Invoke(options);
            }
        );
}
