using System.Diagnostics;
using Lamina.Serving;

namespace Lamina.Bench.Serving;

/// <summary>What is measured, and how.</summary>
internal sealed record BenchSettings(
    string Model,
    int Size,
    int Batch,
    double Seconds,
    int Rounds,
    int Requests,
    int Instances
);

/// <summary>
/// Rounds of a bare <c>Predict</c> and of the same model behind the server, one after the other, since machines drift. Clients
/// are a process of their own, and share the cores, as they do on a loopback.
/// </summary>
internal sealed class ServingBench : IAsyncDisposable
{
    private readonly BenchSettings _settings;
    private readonly Model _bare;
    private readonly ModelTimes _times = new();
    private readonly InferenceServer _server;
    private readonly RequestTimer _timer = new();

    public ServingBench(BenchSettings settings)
    {
        _settings = settings;
        _bare = Build();
        var batching = new BatchingOptions
        {
            MaxBatch = settings.Batch,
            QueueLimit = settings.Batch * 2,
            Instances = settings.Instances,
        };
        _server = InferenceServer.Create(
            new ServerOptions
            {
                Port = 0,
                GrpcPort = 0,
                Page = null,
                LogLevel = Microsoft.Extensions.Logging.LogLevel.Warning,
            },
            models =>
                models
                    .AddModel(BenchModels.Network, () => new TimedModel(Build(), _times), batching)
                    .AddModel(BenchModels.Nothing, () => new NoModel(_bare.Inputs[0].Shape.Sample), batching)
        );
    }

    /// <summary>Starts the server and warms up.</summary>
    public async Task StartAsync()
    {
        await _server.StartAsync();
        await _server.WaitUntilReadyAsync();
        foreach (ClientKind client in Enum.GetValues<ClientKind>())
        {
            await LoadAsync(client, BenchModels.Nothing, new LoadPlan(2, 1, 0, 0));
        }
        _bare.Predict(Sample(_settings.Batch), _settings.Batch);
        _bare.Predict(Sample(1), 1);
    }

    /// <summary>One client with one image at a time.</summary>
    public async Task LatencyAsync()
    {
        Print("| one client, one image | outside of the model, median | 99 % | added end to end, median | 99 % |");
        Print("| --- | ---: | ---: | ---: | ---: |");
        var plan = new LoadPlan(1, _settings.Seconds, 0, 0);
        var bare = new List<double>();
        foreach (string model in new[] { BenchModels.Nothing, BenchModels.Network })
        {
            foreach (ClientKind client in Enum.GetValues<ClientKind>())
            {
                var (outside, outside99) = (new List<double>(), new List<double>());
                var (added, added99) = (new List<double>(), new List<double>());
                for (int round = 0; round < _settings.Rounds; round++)
                {
                    if (model == BenchModels.Network)
                    {
                        bare.Add(Figures.Median(Times(Sample(1))));
                    }
                    _times.TakeTimes();
                    _timer.TakeTimes();
                    LoadResult seen = await LoadAsync(client, model, plan);
                    await Task.Delay(100);
                    int count = seen.Done.Length;
                    double[] predicted =
                    [
                        .. model == BenchModels.Network ? _times.TakeTimes().TakeLast(count) : new double[count],
                    ];
                    double[] served = [.. _timer.TakeTimes().TakeLast(count)];
                    double[] outsides = [.. served.Zip(predicted, (s, p) => s - p)];
                    double[] adds = [.. seen.Done.Zip(predicted, (s, p) => s - p)];
                    outside.Add(Figures.Median(outsides));
                    outside99.Add(Figures.Percentile(outsides, 0.99));
                    added.Add(Figures.Median(adds));
                    added99.Add(Figures.Percentile(adds, 0.99));
                }
                Print(
                    $"| {NameOf(client)}, {model} | {Figures.Spread(outside, "0.00")} ms | {Figures.Spread(outside99, "0.00")} ms"
                        + $" | {Figures.Spread(added, "0.00")} ms | {Figures.Spread(added99, "0.00")} ms |"
                );
            }
        }
        Print($"bare Predict of one image: {Figures.Spread(bare, "0.00")} ms");
    }

    /// <summary>As many clients as fill batches.</summary>
    /// <returns>The images per second by REST.</returns>
    public async Task<double> ThroughputAsync()
    {
        Print(
            "| saturated | images/s | share of Predict | without the clients | processor time per image | share of Predict's |"
        );
        Print("| --- | ---: | ---: | ---: | ---: | ---: |");
        var plan = new LoadPlan(_settings.Batch * 2 * _settings.Instances, _settings.Seconds, 0, 0);
        var bare = new List<Speed>();
        Dictionary<ClientKind, List<Speed>> served = Enum.GetValues<ClientKind>()
            .ToDictionary(c => c, _ => new List<Speed>());
        for (int round = 0; round < _settings.Rounds; round++)
        {
            bare.Add(Bare());
            foreach ((ClientKind client, List<Speed> speeds) in served)
            {
                speeds.Add(await Saturate(client, plan));
            }
        }
        Row("Predict", bare);
        foreach ((ClientKind client, List<Speed> speeds) in served)
        {
            Row(NameOf(client), speeds);
        }
        return Figures.Median(served[ClientKind.Rest].Select(s => s.Images));

        void Row(string name, List<Speed> speeds)
        {
            string Share(Func<Speed, Speed, double> share) =>
                Figures.Spread([.. speeds.Zip(bare, share).Select(s => 100 * s)], "0.0");
            Print(
                $"| {name} | {Figures.Spread([.. speeds.Select(s => s.Images)], "0.0")} | {Share((s, b) => s.Images / b.Images)} %"
                    + $" | {Share((s, b) => s.WithoutClients / b.Images)} %"
                    + $" | {Figures.Spread([.. speeds.Select(s => s.Cpu)], "0.0")} ms | {Share((s, b) => s.Cpu / b.Cpu)} % |"
            );
        }
    }

    /// <summary>Four times the requests that the model can answer, each with a timeout.</summary>
    public async Task OverloadAsync(double imagesPerSecond)
    {
        // The queue and the batch that runs, twice.
        double timeout = 2 * 3 * _settings.Batch * _settings.Instances / imagesPerSecond;
        var plan = new LoadPlan(_settings.Batch * 8, _settings.Seconds * 2, 0, imagesPerSecond * 4);
        foreach (ClientKind client in new[] { ClientKind.Rest, ClientKind.Grpc })
        {
            LoadResult seen = await LoadAsync(client, BenchModels.Network, plan, (long)(timeout * 1e6));
            Print(
                $"overload, {NameOf(client)}: {plan.Rate:0} requests/s to {imagesPerSecond:0.0} images/s, timeout {timeout * 1000:0} ms; accepted {seen.Done.Length}"
                    + $" ({seen.Done.Length / seen.Seconds:0.0}/s), median {Figures.Median(seen.Done):0} ms, slowest {seen.Done.DefaultIfEmpty().Max():0} ms;"
                    + $" refused {seen.Refused.Length}, median {Figures.Median(seen.Refused):0.00} ms, 90 % in {Figures.Percentile(seen.Refused, 0.9):0.0} ms,"
                    + $" 99 % in {Figures.Percentile(seen.Refused, 0.99):0.0} ms; failed {seen.Failed}"
            );
        }
    }

    /// <summary>Prints where the server listens.</summary>
    public void WriteAddresses() =>
        Print($"{_server.Address} and {_server.GrpcAddress}, models {BenchModels.Network} and {BenchModels.Nothing}");

    /// <summary>Many requests, and the memory after each tenth of them.</summary>
    public async Task MemoryAsync()
    {
        foreach (ClientKind client in Enum.GetValues<ClientKind>())
        {
            var sizes = new List<string>();
            long failed = 0;
            for (int part = 0; part < 10; part++)
            {
                LoadResult seen = await LoadAsync(
                    client,
                    BenchModels.Nothing,
                    new LoadPlan(2, 0, _settings.Requests / 10, 0)
                );
                // What the bench itself collects is not the server's.
                _timer.TakeTimes();
                failed += seen.Failed + seen.Refused.Length;
                sizes.Add($"{Environment.WorkingSet >> 20}");
            }
            Print(
                $"memory, {NameOf(client)}: MB after each {_settings.Requests / 10} requests: {string.Join(' ', sizes)}; failed {failed}"
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _timer.Dispose();
    }

    private Task<LoadResult> LoadAsync(ClientKind client, string model, LoadPlan plan, long timeout = 0) =>
        LoadProcess.RunAsync(
            new LoadTarget(
                client == ClientKind.Rest ? _server.Address : _server.GrpcAddress!,
                client,
                model,
                _settings.Size,
                timeout
            ),
            plan
        );

    private static string NameOf(ClientKind client) =>
        client switch
        {
            ClientKind.Rest => "REST",
            ClientKind.Grpc => "gRPC",
            _ => "gRPC by .NET's client",
        };

    private Speed Bare()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        List<double> times = Times(Sample(_settings.Batch));
        double images = _settings.Batch * times.Count;
        double cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / images;
        return new Speed(images * 1000 / times.Sum(), images * 1000 / times.Sum(), cpu);
    }

    private async Task<Speed> Saturate(ClientKind client, LoadPlan plan)
    {
        long before = _times.Images;
        TimeSpan used = Environment.CpuUsage.TotalTime;
        LoadResult seen = await LoadAsync(client, BenchModels.Network, plan);
        double images = _times.Images - before;
        double cpu = (Environment.CpuUsage.TotalTime - used).TotalMilliseconds / images;
        // What the clients used of the cores, the server could not use.
        double left = seen.Seconds - (seen.CpuSeconds / Environment.ProcessorCount);
        return new Speed(seen.Done.Length / seen.Seconds, seen.Done.Length / left, cpu);
    }

    private List<double> Times(NDArray input)
    {
        var times = new List<double>();
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < _settings.Seconds || times.Count < 3)
        {
            long begun = Stopwatch.GetTimestamp();
            _bare.PredictAll([input], input.Count);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        return times;
    }

    private Model Build()
    {
        using IDisposable scope = Session.BeginScope(seed: 1);
        return Zoo.Build(_settings.Model, new ZooOptions { InputSize = _settings.Size });
    }

    private NDArray Sample(int rows)
    {
        var values = new NDArray(Shape.Of(rows, _settings.Size, _settings.Size, 3));
        for (int i = 0; i < values.Values.Length; i++)
        {
            values.Values[i] = MathF.Sin(i);
        }
        return values;
    }

    /// <summary>Images per second, also if the clients needed no core, and milliseconds of processor time per image.</summary>
    private sealed record Speed(double Images, double WithoutClients, double Cpu);

    private static void Print(string line) => Console.WriteLine(line);
}
