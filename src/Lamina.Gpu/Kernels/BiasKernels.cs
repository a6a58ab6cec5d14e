using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>Bias and ReLU in one pass over (rows, channels), and their gradients in another.</summary>
internal static class BiasKernels
{
    /// <summary>Replaces each value by max(0, value + bias of its channel); NaN stays NaN.</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="values">The values, bfloat16, (rows, channels), changed in place.</param>
    /// <param name="bias">The bias, (channels).</param>
    public static void BiasRelu(Index1D i, ArrayView<ushort> values, ArrayView<float> bias)
    {
        float sum = BFloat.ToFloat(values[i]) + bias[i % (int)bias.Length];
        values[i] = BFloat.Round(sum <= 0 ? 0 : sum);
    }

    /// <summary>
    /// Zeroes the gradient where the output of a ReLU is not above 0, and sums it over every <paramref name="slices"/>-th row.
    /// <see cref="SliceKernels.Sum"/> adds up the slices, so that the sums do not depend on the order of threads.
    /// </summary>
    /// <param name="i">The index of the sum: slice · channels + channel.</param>
    /// <param name="gradient">The gradient of the output, bfloat16, (rows, channels), changed in place.</param>
    /// <param name="output">The output of the ReLU, bfloat16, (rows, channels).</param>
    /// <param name="sums">Receives the sums, (slices, channels).</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="slices">The number of slices.</param>
    public static void ReluBiasGradient(
        Index1D i,
        ArrayView<ushort> gradient,
        ArrayView<ushort> output,
        ArrayView<float> sums,
        int channels,
        int slices
    )
    {
        int slice = i / channels;
        int channel = i - (slice * channels);
        float sum = 0;
        for (long at = ((long)slice * channels) + channel; at < gradient.Length; at += (long)slices * channels)
        {
            if (BFloat.ToFloat(output[at]) <= 0)
            {
                gradient[at] = 0;
            }
            else
            {
                sum += BFloat.ToFloat(gradient[at]);
            }
        }
        sums[i] = sum;
    }
}
