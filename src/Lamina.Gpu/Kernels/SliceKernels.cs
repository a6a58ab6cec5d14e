using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>Sums of what other kernels computed in parts, always in the same order.</summary>
internal static class SliceKernels
{
    /// <summary>Adds up slices.</summary>
    /// <param name="i">The index of the column.</param>
    /// <param name="slices">The parts, (slices, columns).</param>
    /// <param name="result">Receives the sums, (columns).</param>
    public static void Sum(Index1D i, ArrayView<float> slices, ArrayView<float> result)
    {
        float sum = 0;
        for (long at = i; at < slices.Length; at += result.Length)
        {
            sum += slices[at];
        }
        result[i] = sum;
    }
}
