using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The settings of a local response normalization: y = a · (k + α·Σ a²)^−β over neighboring channels.</summary>
internal struct LocalResponseShape
{
    public int Channels;

    /// <summary>The number of channels that are summed, odd.</summary>
    public int Size;
    public float K;
    public float Alpha;
    public float Beta;
}

/// <summary>Local response normalization of bfloat16 over (rows, channels), both ways.</summary>
internal static class LocalResponseKernels
{
    /// <summary>Computes one output.</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="x">The input.</param>
    /// <param name="y">Receives the output.</param>
    /// <param name="shape">The settings.</param>
    public static void Forward(Index1D i, ArrayView<ushort> x, ArrayView<ushort> y, LocalResponseShape shape)
    {
        int channel = i % shape.Channels;
        float sum = Sum(x, i - channel, channel, shape);
        y[i] = BFloat.Round(BFloat.ToFloat(x[i]) * Functions.Pow(sum, -shape.Beta));
    }

    /// <summary>Computes the gradient of one input: g_i·s_i^−β − 2αβ·a_i·Σ_j g_j·a_j·s_j^(−β−1).</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="gradient">The gradient of the output.</param>
    /// <param name="x">The input.</param>
    /// <param name="result">Receives the gradient of the input.</param>
    /// <param name="shape">The settings.</param>
    public static void Backward(
        Index1D i,
        ArrayView<ushort> gradient,
        ArrayView<ushort> x,
        ArrayView<ushort> result,
        LocalResponseShape shape
    )
    {
        int channel = i % shape.Channels;
        int row = i - channel;
        float own = 0;
        float neighbors = 0;
        int last = IntrinsicMath.Min(channel + (shape.Size / 2), shape.Channels - 1);
        for (int j = IntrinsicMath.Max(channel - (shape.Size / 2), 0); j <= last; j++)
        {
            float sum = Sum(x, row, j, shape);
            float slope = BFloat.ToFloat(gradient[row + j]) * Functions.Pow(sum, -shape.Beta);
            own = j == channel ? slope : own;
            neighbors += slope * BFloat.ToFloat(x[row + j]) / sum;
        }
        result[i] = BFloat.Round(own - (2 * shape.Alpha * shape.Beta * BFloat.ToFloat(x[i]) * neighbors));
    }

    private static float Sum(ArrayView<ushort> x, int row, int channel, LocalResponseShape shape)
    {
        float sum = 0;
        int last = IntrinsicMath.Min(channel + (shape.Size / 2), shape.Channels - 1);
        for (int j = IntrinsicMath.Max(channel - (shape.Size / 2), 0); j <= last; j++)
        {
            float value = BFloat.ToFloat(x[row + j]);
            sum += value * value;
        }
        return shape.K + (shape.Alpha * sum);
    }
}
