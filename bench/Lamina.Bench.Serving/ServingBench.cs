using System.Diagnostics;
using Lamina.Serving;

namespace Lamina.Bench.Serving;

/// <summary>What is measured, and how.</summary>
internal sealed record BenchSettings(string Model, int Size, int Batch, double Seconds, int Rounds, int Requests);

/// <summary>
/// Rounds of a bare <c>Predict</c> and of the same model behind the server, one after the other, since machines drift. Clients
/// are a process of their own, and share the cores, as they do on a loopback.
/// </summary>
internal sealed class ServingBench : IAsyncDisposable
{
    private readonly BenchSettings _settings;
    private readonly Model _bare;
    private readonly TimedModel _network;
    private readonly InferenceServer _server;
    private readonly RequestTimer _timer = new();

    public ServingBench(BenchSettings settings)
    {
        _settings = settings;
        _bare = Build();
        _network = new TimedModel(Build());
        var batching = new BatchingOptions { MaxBatch = settings.Batch, QueueLimit = settings.Batch * 2 };
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
                    .AddModel(BenchModels.Network, () => _network, batching)
                    .AddModel(BenchModels.Nothing, () => new NoModel(_network.Inputs[0].Sample), batching)
        );
    }

    /// <summary>Starts the server and warms up.</summary>
    public async Task StartAsync()
    {
        await _server.StartAsync();
        await _server.WaitUntilReadyAsync();
        foreach (bool grpc in new[] { false, true })
        {
            await LoadAsync(grpc, BenchModels.Nothing, new LoadPlan(2, 1, 0, 0));
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
            foreach (bool grpc in new[] { false, true })
            {
                var (outside, outside99) = (new List<double>(), new List<double>());
                var (added, added99) = (new List<double>(), new List<double>());
                for (int round = 0; round < _settings.Rounds; round++)
                {
                    if (model == BenchModels.Network)
                    {
                        bare.Add(Figures.Median(Times(Sample(1))));
                    }
                    _network.TakeTimes();
                    _timer.TakeTimes();
                    LoadResult seen = await LoadAsync(grpc, model, plan);
                    await Task.Delay(100);
                    int count = seen.Done.Length;
                    double[] predicted =
                    [
                        .. model == BenchModels.Network ? _network.TakeTimes().TakeLast(count) : new double[count],
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
                    $"| {(grpc ? "gRPC" : "REST")}, {model} | {Figures.Spread(outside, "0.00")} ms | {Figures.Spread(outside99, "0.00")} ms"
                        + $" | {Figures.Spread(added, "0.00")} ms | {Figures.Spread(added99, "0.00")} ms |"
                );
            }
        }
        Print($"bare Predict of one image: {Figures.Spread(bare, "0.00")} ms");
    }

    /// <summary>As many clients as fill batches.</summary>
    /// <returns>The images per second.</returns>
    public async Task<double> ThroughputAsync()
    {
        Print("| saturated | images/s | share of Predict | processor time per image | share of Predict's |");
        Print("| --- | ---: | ---: | ---: | ---: |");
        var plan = new LoadPlan(_settings.Batch * 2, _settings.Seconds, 0, 0);
        var rounds = new List<Round>();
        for (int round = 0; round < _settings.Rounds; round++)
        {
            (double bare, double bareCpu) = Bare();
            (double rest, double restCpu) = await Saturate(grpc: false, plan);
            (double grpc, double grpcCpu) = await Saturate(grpc: true, plan);
            rounds.Add(new Round(bare, bareCpu, rest, restCpu, grpc, grpcCpu));
        }
        Row("Predict", r => r.Bare, r => r.BareCpu);
        Row("REST", r => r.Rest, r => r.RestCpu);
        Row("gRPC", r => r.Grpc, r => r.GrpcCpu);
        return Figures.Median(rounds.Select(r => r.Rest));

        void Row(string name, Func<Round, double> speed, Func<Round, double> cpu) =>
            Print(
                $"| {name} | {Figures.Spread([.. rounds.Select(speed)], "0.0")} | {Figures.Spread([.. rounds.Select(r => 100 * speed(r) / r.Bare)], "0.0")} %"
                    + $" | {Figures.Spread([.. rounds.Select(cpu)], "0.0")} ms | {Figures.Spread([.. rounds.Select(r => 100 * cpu(r) / r.BareCpu)], "0.0")} % |"
            );
    }

    /// <summary>Four times the requests that the model can answer, each with a timeout.</summary>
    public async Task OverloadAsync(double imagesPerSecond)
    {
        // The queue and the batch that runs, twice.
        double timeout = 2 * 3 * _settings.Batch / imagesPerSecond;
        var plan = new LoadPlan(_settings.Batch * 8, _settings.Seconds * 2, 0, imagesPerSecond * 4);
        LoadResult seen = await LoadProcess.RunAsync(
            new LoadTarget(_server.Address, false, BenchModels.Network, _settings.Size, (long)(timeout * 1e6)),
            plan
        );
        Print(
            $"overload: {plan.Rate:0} requests/s to {imagesPerSecond:0.0} images/s, timeout {timeout * 1000:0} ms; accepted {seen.Done.Length}"
                + $" ({seen.Done.Length / seen.Seconds:0.0}/s), median {Figures.Median(seen.Done):0} ms, slowest {seen.Done.DefaultIfEmpty().Max():0} ms;"
                + $" refused {seen.Refused.Length}, median {Figures.Median(seen.Refused):0.00} ms, 90 % in {Figures.Percentile(seen.Refused, 0.9):0.0} ms,"
                + $" 99 % in {Figures.Percentile(seen.Refused, 0.99):0.0} ms; failed {seen.Failed}"
        );
    }

    /// <summary>Many requests, and the memory after each tenth of them.</summary>
    public async Task MemoryAsync()
    {
        foreach (bool grpc in new[] { false, true })
        {
            var sizes = new List<string>();
            long failed = 0;
            for (int part = 0; part < 10; part++)
            {
                LoadResult seen = await LoadAsync(
                    grpc,
                    BenchModels.Nothing,
                    new LoadPlan(2, 0, _settings.Requests / 10, 0)
                );
                // What the bench itself collects is not the server's.
                _timer.TakeTimes();
                failed += seen.Failed + seen.Refused.Length;
                sizes.Add($"{Environment.WorkingSet >> 20}");
            }
            Print(
                $"memory, {(grpc ? "gRPC" : "REST")}: MB after each {_settings.Requests / 10} requests: {string.Join(' ', sizes)}; failed {failed}"
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _timer.Dispose();
    }

    private Task<LoadResult> LoadAsync(bool grpc, string model, LoadPlan plan) =>
        LoadProcess.RunAsync(
            new LoadTarget(grpc ? _server.GrpcAddress! : _server.Address, grpc, model, _settings.Size),
            plan
        );

    private (double Speed, double Cpu) Bare()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        List<double> times = Times(Sample(_settings.Batch));
        double cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / (times.Count * _settings.Batch);
        return (_settings.Batch * times.Count * 1000 / times.Sum(), cpu);
    }

    private async Task<(double Speed, double Cpu)> Saturate(bool grpc, LoadPlan plan)
    {
        long before = _network.Images;
        TimeSpan used = Environment.CpuUsage.TotalTime;
        LoadResult seen = await LoadAsync(grpc, BenchModels.Network, plan);
        double images = _network.Images - before;
        return (seen.Done.Length / seen.Seconds, (Environment.CpuUsage.TotalTime - used).TotalMilliseconds / images);
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

    private sealed record Round(double Bare, double BareCpu, double Rest, double RestCpu, double Grpc, double GrpcCpu);

    private static void Print(string line) => Console.WriteLine(line);
}
