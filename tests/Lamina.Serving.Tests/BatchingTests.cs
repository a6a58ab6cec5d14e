using System.Net;
using System.Net.Sockets;
using System.Text;
using Lamina.Torch;

namespace Lamina.Serving.Tests;

/// <summary>The queue: batches, priorities, deadlines, limits, and clients that go away.</summary>
public sealed class BatchingTests
{
    private const string Infer = "/v2/models/m/infer";

    [Fact]
    public async Task Requests_that_wait_share_a_batch()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model, Batching(new() { MaxBatch = 4 }));
        model.Batches.Clear();
        Task<Reply> first = await HoldUp(server, model);
        Task<Reply>[] others = [.. Enumerable.Range(1, 6).Select(i => server.Post(Infer, Request(i)))];
        await Waiting(server, 6);
        model.Gate.Set();
        Reply[] replies = await Task.WhenAll([first, .. others]);
        Assert.Equal([1, 4, 2], model.Batches);
        // Each client has its own rows.
        Assert.Equal(Enumerable.Range(1, 6).Select(i => (float)i), replies.Skip(1).Select(r => r.Data().ElementAt(1)));
    }

    [Fact]
    public async Task A_batch_never_exceeds_the_maximum_in_samples_and_keeps_the_order()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model, Batching(new() { MaxBatch = 4 }));
        model.Batches.Clear();
        Task<Reply> first = await HoldUp(server, model);
        var others = new List<Task<Reply>>();
        foreach (int rows in new[] { 3, 2, 2, 1 })
        {
            others.Add(server.Post(Infer, Request(1, rows)));
            await Waiting(server, others.Count);
        }
        model.Gate.Set();
        await Task.WhenAll([first, .. others]);
        Assert.Equal([1, 3, 4, 1], model.Batches);
    }

    [Fact]
    public async Task A_request_waits_for_others_up_to_the_delay()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(
            model,
            Batching(new() { MaxBatch = 2, MaxDelay = TimeSpan.FromMinutes(5) })
        );
        model.Batches.Clear();
        Task<Reply> first = server.Post(Infer, Request(1));
        await Waiting(server, 1);
        Assert.False(first.IsCompleted);
        // The full batch does not wait any longer.
        await Task.WhenAll(first, server.Post(Infer, Request(2)));
        Assert.Equal([2], model.Batches);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_with_503()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model, Batching(new() { QueueLimit = 2 }));
        Task<Reply> first = await HoldUp(server, model);
        Task<Reply>[] others = [server.Post(Infer, Request(1)), server.Post(Infer, Request(2))];
        await Waiting(server, 2);
        Reply refused = await server.Post(Infer, Request(3));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal("1", refused.Response.Headers.RetryAfter!.ToString());
        // Before it is read: the body is not even JSON.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Post(Infer, "not JSON")).Status);
        model.Gate.Set();
        Assert.All(await Task.WhenAll([first, .. others]), r => Assert.Equal(HttpStatusCode.OK, r.Status));
    }

    [Fact]
    public async Task Higher_priorities_come_first_and_unknown_ones_are_the_default()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model, Batching(new() { MaxBatch = 1 }));
        Task<Reply> first = await HoldUp(server, model);
        model.Order.Clear();
        var others = new List<Task<Reply>>();
        foreach ((int value, int? priority) in new (int, int?)[] { (1, 3), (2, null), (3, 0), (4, 99), (5, 2), (6, 1) })
        {
            others.Add(server.Post(Infer, Request(value, priority: priority)));
            await Waiting(server, others.Count);
        }
        model.Gate.Set();
        await Task.WhenAll([first, .. others]);
        Assert.Equal([6, 2, 3, 4, 5, 1], model.Order.Where(v => v > 0));
    }

    [Fact]
    public async Task A_timeout_counts_the_time_in_the_queue_and_the_request_is_not_computed()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model);
        Task<Reply> first = await HoldUp(server, model);
        model.Order.Clear();
        Reply late = await server.Post(Infer, Request(7, timeout: 50_000));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.Status);
        Assert.Contains("timeout", late.Error, StringComparison.Ordinal);
        Assert.Equal(0, Waiting(server));
        model.Gate.Set();
        await first;
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, Request(8, timeout: 60_000_000))).Status);
        Assert.DoesNotContain(7, model.Order);
    }

    [Fact]
    public async Task A_timeout_that_recent_batches_say_cannot_be_met_is_refused_at_once()
    {
        var model = new FakeModel { Delay = TimeSpan.FromMilliseconds(100) };
        await using TestServer server = await TestServer.StartAsync(model);
        await server.Post(Infer, Request(1));
        Task<Reply> first = await HoldUp(server, model);
        // The batch that runs and this request's own take 200 ms.
        Reply refused = await server.Post(Infer, Request(2, timeout: 150_000));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("cannot answer within", refused.Error, StringComparison.Ordinal);
        model.Gate.Set();
        await first;
        // While nothing runs, it gets its try, and the estimate a chance to change.
        Assert.Contains("timeout", (await server.Post(Infer, Request(3, timeout: 1))).Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, Request(4, timeout: 60_000_000))).Status);
    }

    [Theory]
    [InlineData(10_000_001_000_000)]
    [InlineData(31_535_999_000_000)]
    [InlineData(long.MaxValue)]
    public async Task A_timeout_of_months_is_none(long microseconds)
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            Batching(new() { DefaultTimeout = TimeSpan.FromDays(100) })
        );
        string body = Request(1)
            .Replace("{ ", $$"""{ "parameters":{"timeout":{{microseconds}} }, """, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, body)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, Request(1))).Status);
    }

    [Fact]
    public async Task The_default_timeout_holds_for_requests_without_one()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(
            model,
            Batching(new() { DefaultTimeout = TimeSpan.FromMilliseconds(50) })
        );
        Task<Reply> first = await HoldUp(server, model);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await first).Status);
        model.Gate.Set();
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_the_queue()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model);
        Task<Reply> first = await HoldUp(server, model);
        model.Order.Clear();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            string body = Request(7);
            await client
                .GetStream()
                .WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"POST {Infer} HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                    )
                );
            await Waiting(server, 1);
        }
        await Waiting(server, 0);
        model.Gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Post(Infer, Request(8))).Status);
        Assert.DoesNotContain(7, model.Order);
    }

    [Fact]
    public async Task A_request_that_the_model_fails_on_fails_alone()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model);
        Task<Reply> first = await HoldUp(server, model);
        Task<Reply> good = server.Post(Infer, Request(1));
        Task<Reply> bad = server.Post(Infer, Request(FakeModel.Poison));
        Task<Reply> other = server.Post(Infer, Request(2));
        await Waiting(server, 3);
        model.Batches.Clear();
        model.Gate.Set();
        await first;
        Assert.Equal(1, (await good).Data().ElementAt(1));
        Assert.Equal(2, (await other).Data().ElementAt(1));
        Assert.Equal(HttpStatusCode.InternalServerError, (await bad).Status);
    }

    [Fact]
    public async Task Instances_compute_at_the_same_time()
    {
        FakeModel[] instances = [new FakeModel(), new FakeModel()];
        int created = 0;
        await using TestServer server = await TestServer.StartAsync(
            models => models.AddModel("m", () => instances[created++]),
            Batching(new() { Instances = 2, MaxBatch = 1 })
        );
        Array.ForEach(instances, i => i.Gate.Reset());
        Task<Reply>[] requests = [server.Post(Infer, Request(1)), server.Post(Infer, Request(2))];
        await Until(() => instances.All(i => i.IsComputing));
        Array.ForEach(instances, i => i.Gate.Set());
        Assert.All(await Task.WhenAll(requests), r => Assert.Equal(HttpStatusCode.OK, r.Status));
    }

    [Fact]
    public async Task Instances_share_the_threads_and_a_lone_one_has_all()
    {
        int all = TorchLibrary.Threads;
        foreach ((int instances, int expected) in new[] { (1, all), (2, Math.Max(all / 2, 1)), (64, 1) })
        {
            var threads = new System.Collections.Concurrent.ConcurrentQueue<int>();
            await using TestServer server = await TestServer.StartAsync(
                models =>
                    models.AddModel(
                        "m",
                        () => new FakeModel { Computing = () => threads.Enqueue(TorchLibrary.Threads) }
                    ),
                Batching(new() { Instances = instances, MaxBatch = 1 })
            );
            Assert.Equal(2 * instances, threads.Count);
            Assert.All(threads, t => Assert.Equal(expected, t));
        }
    }

    [Fact]
    public async Task A_model_is_warm_before_it_is_ready()
    {
        var model = new FakeModel();
        await using TestServer server = await TestServer.StartAsync(model, Batching(new() { MaxBatch = 8 }));
        Assert.Equal([8, 1], model.Batches);
    }

    [Fact]
    public async Task A_model_that_does_not_compute_is_an_error_at_the_start()
    {
        var model = new FakeModel { Inputs = [new TensorSpec("x", Shape.Of(1))] };
        model.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => TestServer.StartAsync(model));
    }

    internal static string Request(float value, int rows = 1, int? priority = null, int? timeout = null)
    {
        string values = string.Join(',', Enumerable.Repeat($"{value},0,0,0", rows));
        string parameters = (priority, timeout) switch
        {
            ({ } p, _) => $$""" "parameters":{"priority":{{p}} }, """,
            (_, { } t) => $$""" "parameters":{"timeout":{{t}} }, """,
            _ => "",
        };
        return $$"""{ {{parameters}} "inputs":[{"name":"x","shape":[{{rows}},2,2],"datatype":"FP32","data":[{{values}}]}]}""";
    }

    /// <summary>Sends a request that keeps the model busy until its gate opens.</summary>
    internal static async Task<Task<Reply>> HoldUp(TestServer server, FakeModel model)
    {
        model.Gate.Reset();
        Task<Reply> request = server.Post(Infer, Request(-1));
        await Until(() => model.IsComputing);
        return request;
    }

    internal static Task Waiting(TestServer server, int count) => Until(() => Waiting(server) == count);

    internal static async Task Until(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 6000, "It did not happen within a minute.");
            await Task.Delay(10);
        }
    }

    internal static Action<ServingOptions> Batching(BatchingOptions options) => o => o.Batching = options;

    private static int Waiting(TestServer server) => server.Registry.Find("m", null).Queue.Count;
}
