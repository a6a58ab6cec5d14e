using System.Globalization;
using System.Runtime.InteropServices;

namespace Lamina.Bench;

/// <summary>What a table was measured on and how, in a sentence.</summary>
internal static class MachineText
{
    public static string Of(string command, BenchSettings settings) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Processor}, {Environment.ProcessorCount} cores, {MemoryGigabytes:0} GB, {RuntimeInformation.OSDescription.Trim()}, "
                + $".NET {Environment.Version}, {DateTime.Now:yyyy-MM-dd}: `{command}`, medians of {settings.Rounds} rounds "
                + $"(lowest–highest); ratios are medians of the rounds' own."
        );

    private static string Processor
    {
        get
        {
            const string file = "/proc/cpuinfo";
            string? line = File.Exists(file)
                ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
                : null;
            return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    private static double MemoryGigabytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
}
