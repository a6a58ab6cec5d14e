using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests;

/// <summary>Statistics, metrics and traces.</summary>
public sealed class ObservabilityTests
{
    private const string Infer = "/v2/models/m/infer";

    [Fact]
    public async Task Statistics_count_requests_samples_and_executions()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model);
        await Load(server, model);
        foreach (string path in new[] { "/v2/models/stats", "/v2/models/m/stats", "/v2/models/m/versions/1/stats" })
        {
            var stats = (await server.Get(path)).Json["model_stats"]![0]!;
            Assert.Equal("m", (string)stats["name"]!);
            Assert.Equal(6, (int)stats["inference_count"]!);
            Assert.Equal(2, (int)stats["execution_count"]!);
            Assert.Equal(3, (int)stats["inference_stats"]!["success"]!["count"]!);
            Assert.Equal(1, (int)stats["inference_stats"]!["fail"]!["count"]!);
            Assert.Equal(3, (int)stats["inference_stats"]!["queue"]!["count"]!);
            Assert.Equal(3, (int)stats["inference_stats"]!["compute_infer"]!["count"]!);
            Assert.True((long)stats["inference_stats"]!["success"]!["ns"]! > 0);
            Assert.Equal([1, 5], stats["batch_stats"]!.AsArray().Select(b => (int)b!["batch_size"]!));
            TimeSpan age =
                DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds((long)stats["last_inference"]!);
            Assert.InRange(age, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        }
        Assert.Equal(404, (int)(await server.Get("/v2/models/other/stats")).Status);
        ModelStatisticsResponse grpc = await server.Grpc.ModelStatisticsAsync(new());
        Assert.Equal(6UL, Assert.Single(grpc.ModelStats).InferenceCount);
    }

    [Fact]
    public async Task Metrics_have_Tritons_names()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model);
        await Load(server, model);
        Reply reply = await server.Get("/metrics");
        Assert.StartsWith(
            "text/plain",
            reply.Response.Content.Headers.ContentType!.MediaType,
            StringComparison.Ordinal
        );
        Dictionary<string, double> metrics = Parse(Encoding.UTF8.GetString(reply.Body));
        Assert.Equal(3, metrics["nv_inference_request_success"]);
        Assert.Equal(1, metrics["nv_inference_request_failure"]);
        Assert.Equal(6, metrics["nv_inference_count"]);
        Assert.Equal(2, metrics["nv_inference_exec_count"]);
        Assert.Equal(0, metrics["nv_inference_pending_request_count"]);
        foreach (string name in new[] { "request", "queue", "compute_input", "compute_infer", "compute_output" })
        {
            Assert.True(metrics[$"nv_inference_{name}_duration_us"] >= 0);
        }
        Assert.True(metrics["nv_inference_request_duration_us"] >= metrics["nv_inference_compute_infer_duration_us"]);
    }

    [Fact]
    public async Task Metrics_of_an_unloaded_model_go_away_and_begin_anew_with_it()
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            options => options.AllowModelControl = true
        );
        await server.Post(Infer, BatchingTests.Request(1));
        Assert.Equal(1, (await Metrics(server))["nv_inference_count"]);
        await server.Registry.LoadAsync("m");
        Assert.Equal(0, (await Metrics(server))["nv_inference_count"]);
        await server.Registry.UnloadAsync("m");
        Assert.DoesNotContain("nv_inference_count", (await Metrics(server)).Keys);
    }

    [Fact]
    public async Task Each_request_is_an_activity()
    {
        var activities = new ConcurrentQueue<Activity>();
        string id = Guid.NewGuid().ToString();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ServingTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        await server.Post(Infer, $$"""{"id":"{{id}}",{{BatchingTests.Request(1).TrimStart('{')}}""");
        Activity activity = Assert.Single(activities, a => (string?)a.GetTagItem("lamina.request.id") == id);
        Assert.Equal("m", activity.GetTagItem("lamina.model.name"));
        Assert.Equal(1, activity.GetTagItem("lamina.batch.rows"));
    }

    /// <summary>One request alone, two in one batch of 5 samples, and one that does not fit.</summary>
    private static async Task Load(TestServer server, FakeModel model)
    {
        Task<Reply> first = await BatchingTests.HoldUp(server, model);
        Task<Reply>[] others =
        [
            server.Post(Infer, BatchingTests.Request(1, 2)),
            server.Post(Infer, BatchingTests.Request(1, 3)),
        ];
        await BatchingTests.Waiting(server, 2);
        model.Gate.Set();
        await Task.WhenAll([first, .. others]);
        await server.Post(Infer, BatchingTests.Request(1).Replace("2,2", "2,3", StringComparison.Ordinal));
        // The worker counts an execution after it has completed the requests.
        await BatchingTests.Until(() => server.Registry.Find("m", null).Statistics.Executions == 2);
    }

    private static async Task<Dictionary<string, double>> Metrics(TestServer server) =>
        Parse(Encoding.UTF8.GetString((await server.Get("/metrics")).Body));

    private static Dictionary<string, double> Parse(string text) =>
        text.Split('\n')
            .Where(l => l.Contains("model=\"m\",version=\"1\"", StringComparison.Ordinal))
            .ToDictionary(
                l => l[..l.IndexOf('{', StringComparison.Ordinal)],
                l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)
            );
}
