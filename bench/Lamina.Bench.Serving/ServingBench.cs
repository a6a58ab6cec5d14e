using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Lamina.Serving;

namespace Lamina.Bench.Serving;

/// <summary>
/// Rounds of a bare <c>Predict</c> and of the same model behind the server, one after the other in one process, since machines
/// drift. Clients and server share the cores, as they do on a loopback.
/// </summary>
internal sealed class ServingBench(string modelName, int size, int batch, TimeSpan time)
{
    public async Task RunAsync(int rounds)
    {
        Model bare = Build();
        var options = new BatchingOptions { MaxBatch = batch, QueueLimit = batch * 2 };
        await using InferenceServer server = InferenceServer.Create(
            new ServerOptions { Port = 0, GrpcPort = 0 },
            models => models.AddModel("m", () => InferenceModel.Create(Build()), options)
        );
        await server.StartAsync();
        await server.WaitUntilReadyAsync();
        string input = bare.Inputs[0].Node!.Layer.Name;
        using var clients = new LoadClients(server.Address, server.GrpcAddress!, input, size);
        NDArray one = Sample(1);
        NDArray many = Sample(batch);
        bare.Predict(many, batch);
        bare.Predict(one, 1);
        Print($"{modelName} at {size}, {Environment.ProcessorCount} cores, batch {batch}");
        for (int round = 1; round <= rounds; round++)
        {
            double alone = Median(await Times(() => Task.FromResult(bare.Predict(one, 1))));
            (double rest, double outside) = await OneClient(clients, clients.RestAsync);
            (double grpc, double outsideGrpc) = await OneClient(clients, clients.GrpcAsync);
            Print(
                $"round {round}: one image  Predict {alone:0.000} ms"
                    + $"  REST +{rest - alone:0.000} ms (outside the model, in the server {outside:0.000})"
                    + $"  gRPC +{grpc - alone:0.000} ms ({outsideGrpc:0.000})"
            );
            List<double> batches = await Times(() => Task.FromResult(bare.Predict(many, batch)));
            double predict = batch * 1000.0 / batches.Average();
            double saturated = await Throughput(clients.RestAsync, batch * 2);
            double saturatedGrpc = await Throughput(clients.GrpcAsync, batch * 2);
            Print(
                $"round {round}: saturated  Predict {predict:0.0} images/s"
                    + $"  REST {saturated:0.0} ({saturated / predict:P1})  gRPC {saturatedGrpc:0.0} ({saturatedGrpc / predict:P1})"
            );
        }
        await Overload(clients);
        Print($"memory {Environment.WorkingSet >> 20} MB, managed {GC.GetTotalMemory(false) >> 20} MB");
    }

    private async Task<(double Median, double Outside)> OneClient(LoadClients clients, Func<Task<HttpStatusCode>> send)
    {
        JsonNode before = await clients.StatisticsAsync();
        double median = Median(await Times(send));
        JsonNode after = await clients.StatisticsAsync();
        double Delta(string name, string value) =>
            (double)after["inference_stats"]![name]![value]! - (double)before["inference_stats"]![name]![value]!;
        double outside = (Delta("success", "ns") - Delta("compute_infer", "ns")) / Delta("success", "count") / 1e6;
        return (median, outside);
    }

    private async Task<double> Throughput(Func<Task<HttpStatusCode>> send, int concurrency)
    {
        int done = 0;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, concurrency)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (Stopwatch.GetElapsedTime(started) < time)
                        {
                            _ = await send() == HttpStatusCode.OK ? Interlocked.Increment(ref done) : 0;
                        }
                    })
                )
        );
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Four times the clients that the queue takes, each with a timeout.</summary>
    private async Task Overload(LoadClients clients)
    {
        var accepted = new System.Collections.Concurrent.ConcurrentBag<double>();
        var refused = new System.Collections.Concurrent.ConcurrentBag<double>();
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, batch * 3 * 4)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (Stopwatch.GetElapsedTime(started) < time)
                        {
                            long sent = Stopwatch.GetTimestamp();
                            HttpStatusCode status = await clients.TimedAsync();
                            double took = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
                            (status == HttpStatusCode.OK ? accepted : refused).Add(took);
                            if (status != HttpStatusCode.OK)
                            {
                                await Task.Delay(100);
                            }
                        }
                    })
                )
        );
        Print(
            $"overload: {accepted.Count} accepted, median {Median(accepted):0} ms, slowest {accepted.DefaultIfEmpty().Max():0} ms;"
                + $" {refused.Count} refused, median {Median(refused):0.0} ms, 99 % in {Percentile(refused, 0.99):0.0} ms"
        );
    }

    private async Task<List<double>> Times<T>(Func<Task<T>> action)
    {
        var times = new List<double>();
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time || times.Count < 3)
        {
            long begun = Stopwatch.GetTimestamp();
            await action();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        return times;
    }

    private Model Build()
    {
        using IDisposable scope = Session.BeginScope(seed: 1);
        return Zoo.Build(modelName, new ZooOptions { InputSize = size });
    }

    private NDArray Sample(int rows)
    {
        var values = new NDArray(Shape.Of(rows, size, size, 3));
        for (int i = 0; i < values.Values.Length; i++)
        {
            values.Values[i] = MathF.Sin(i);
        }
        return values;
    }

    private static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    private static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
    }

    private static void Print(string line) => Console.WriteLine(line);
}
