using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Lamina.Gpu.Kernels;

// One emulator runs at a time: each has threads of its own.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Lamina.Gpu.Tests;

/// <summary>Runs kernels on the CPU, one simulated thread after another.</summary>
public sealed class Emulator : IDisposable
{
    private readonly Context _context = Context.Create(b => b.CPU());

    public Emulator() => Accelerator = _context.CreateCPUAccelerator(0);

    public Accelerator Accelerator { get; }

    /// <summary>Copies values to the emulated device.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Put<T>(params T[] values)
        where T : unmanaged => Accelerator.Allocate1D(values);

    /// <summary>Copies float32 values, rounded to bfloat16.</summary>
    public MemoryBuffer1D<ushort, Stride1D.Dense> PutRounded(IEnumerable<float> values) =>
        Accelerator.Allocate1D(values.Select(BFloat.Round).ToArray());

    /// <summary>Allocates zeros.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Zeros<T>(long count)
        where T : unmanaged => Accelerator.Allocate1D(new T[count]);

    public void Dispose()
    {
        Accelerator.Dispose();
        _context.Dispose();
    }
}

/// <summary>Numbers for tests, and comparisons.</summary>
internal static class Numbers
{
    /// <summary>Draws numbers that bfloat16 holds exactly, from −1 to 1 times a scale.</summary>
    public static float[] Draw(int count, int seed, float scale = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Rounded(((float)random.NextDouble() * 2 - 1) * scale))];
    }

    public static float Rounded(float value) => BFloat.ToFloat(BFloat.Round(value));

    public static float[] Floats(this MemoryBuffer1D<ushort, Stride1D.Dense> buffer) =>
        [.. buffer.GetAsArray1D().Select(BFloat.ToFloat)];

    /// <summary>Compares with a reference in float64 up to the rounding of bfloat16, half a unit in 8 bits, and a little more.</summary>
    public static void AssertRounded(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double floor = 1e-5)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < actual.Count; i++)
        {
            double limit = floor + (Math.Abs(expected[i]) * 0.0041);
            Assert.True(Math.Abs(expected[i] - actual[i]) <= limit, $"{i}: {actual[i]} instead of {expected[i]}");
        }
    }

    /// <summary>Compares with a reference in float64 up to the rounding of float32 sums.</summary>
    public static void AssertNear(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double relative = 2e-6)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < actual.Count; i++)
        {
            double limit = relative * (1 + Math.Abs(expected[i]));
            Assert.True(Math.Abs(expected[i] - actual[i]) <= limit, $"{i}: {actual[i]} instead of {expected[i]}");
        }
    }
}
