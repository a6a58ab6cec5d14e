namespace Lamina.Bench.Serving;

/// <summary>The parts of the bench, one after the other.</summary>
internal static class BenchSuite
{
    public static async Task RunAsync(BenchSettings settings, string[] parts)
    {
        await using var bench = new ServingBench(settings);
        await bench.StartAsync();
        Console.WriteLine(
            $"{settings.Model} at {settings.Size}, {Environment.ProcessorCount} cores, batch {settings.Batch}, instances {settings.Instances}, load of the machine {Load()}"
        );
        if (parts.Contains("latency"))
        {
            await bench.LatencyAsync();
        }
        if (parts.Contains("throughput") || parts.Contains("overload"))
        {
            double speed = await bench.ThroughputAsync();
            if (parts.Contains("overload"))
            {
                await bench.OverloadAsync(speed);
            }
        }
        if (parts.Contains("memory"))
        {
            await bench.MemoryAsync();
        }
        if (parts.Contains("serve"))
        {
            bench.WriteAddresses();
            await Task.Delay(Timeout.Infinite);
        }
        Console.WriteLine($"load of the machine {Load()}");
    }

    private static string Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
