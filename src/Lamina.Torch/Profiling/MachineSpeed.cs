using System.Diagnostics;
using Lamina.Torch;

namespace Lamina;

/// <summary>The peak rates of a machine, measured in the same run as the kernels.</summary>
/// <param name="FlopsPerSecond">
/// The rate of a product of large float32 matrices, by the same libtorch on the same threads.
/// </param>
/// <param name="BytesPerSecond">The rate of a copy larger than the caches; bytes read plus bytes written.</param>
public sealed record MachineSpeed(double FlopsPerSecond, double BytesPerSecond)
{
    /// <summary>Returns the least time for an amount of work, if either limit were reached.</summary>
    public TimeSpan LeastTime(long flops, long bytes) =>
        TimeSpan.FromSeconds(Math.Max(flops / FlopsPerSecond, bytes / BytesPerSecond));
}

/// <summary>
/// Measures a machine, a little at a time between other measurements, so that both see the same load.
/// </summary>
internal sealed class MachineProbe : IDisposable
{
    private readonly int _side;
    private readonly Tensor _a;
    private readonly Tensor _b;
    private readonly Tensor _from;
    private readonly Tensor _to;
    private readonly List<double> _flops = [];
    private readonly List<double> _bytes = [];

    /// <param name="side">The rows and columns of the matrices.</param>
    /// <param name="copied">The number of floats that are copied.</param>
    public MachineProbe(int side = 2048, int copied = 1 << 25)
    {
        _side = side;
        // Zeros would suffice for the time, except on processors whose clock depends on the power that bits consume.
        _a = Filled(side * side, [side, side]);
        _b = Filled(side * side, [side, side]);
        _from = Filled(copied, [copied]);
        _to = Tensor.Zeros([copied]);
        Measure();
        _flops.Clear();
        _bytes.Clear();
    }

    /// <summary>Measures each rate once more.</summary>
    public void Measure()
    {
        long started = Stopwatch.GetTimestamp();
        Aten.Linear(_a, _b, null).Dispose();
        _flops.Add(2.0 * _side * _side * _side / Stopwatch.GetElapsedTime(started).TotalSeconds);
        started = Stopwatch.GetTimestamp();
        _to.CopyFrom(_from);
        _bytes.Add(2.0 * sizeof(float) * _from.Count / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>The medians.</summary>
    public MachineSpeed Result => new(Medians.Of(_flops), Medians.Of(_bytes));

    /// <inheritdoc/>
    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _from.Dispose();
        _to.Dispose();
    }

    private static Tensor Filled(int count, long[] sizes)
    {
        Tensor result = Tensor.Empty(sizes);
        Span<float> values = result.WriteSpan()[..count];
        var stream = new RandomStream(1, RandomPurpose.User);
        Span<float> block = values[..Math.Min(count, 1 << 16)];
        foreach (ref float value in block)
        {
            value = stream.NextSingle();
        }
        for (int start = block.Length; start < count; start += block.Length)
        {
            Span<float> rest = values[start..];
            block[..Math.Min(block.Length, rest.Length)].CopyTo(rest);
        }
        return result;
    }
}

/// <summary>Medians and quantiles of measurements, which one slow round does not affect.</summary>
internal static class Medians
{
    public static double Of(IReadOnlyCollection<double> values) => Quantile(values, 0.5);

    /// <summary>Returns the value below which this share of the measurements lies.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        double above = sorted[Math.Min(below + 1, sorted.Length - 1)];
        return sorted[below] + ((at - below) * (above - sorted[below]));
    }
}
