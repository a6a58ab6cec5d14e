using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The numbers that batch normalization needs besides tensors.</summary>
/// <param name="channels">The number of channels.</param>
/// <param name="slices">The number of parts that sums are computed in.</param>
/// <param name="epsilon">The constant added to the variance.</param>
/// <param name="momentum">The share of the moving statistics that is kept.</param>
/// <param name="relu">1 if a ReLU follows, else 0.</param>
internal readonly struct NormalizationShape(int channels, int slices, float epsilon, float momentum, int relu)
{
    public readonly int Channels = channels;
    public readonly int Slices = slices;
    public readonly float Epsilon = epsilon;
    public readonly float Momentum = momentum;
    public readonly int Relu = relu;
}

/// <summary>
/// Batch normalization of bfloat16 over (rows, channels) with the ReLU that may follow. Statistics and sums are float32. Forward:
/// <see cref="Moments"/>, <see cref="Statistics"/>, <see cref="Normalize"/>. Backward: <see cref="GradientSums"/>,
/// <see cref="SliceKernels.Sum"/>, <see cref="InputGradient"/>.
/// </summary>
internal static class BatchNormalizationKernels
{
    /// <summary>
    /// Sums the differences from the first row, and their squares, over every slices-th row. A variance computed from them does
    /// not suffer from a mean that is far from 0.
    /// </summary>
    /// <param name="i">The index of the sum: slice · channels + channel.</param>
    /// <param name="x">The input, (rows, channels).</param>
    /// <param name="sums">Receives the sums, (slices, 2, channels).</param>
    /// <param name="shape">The shape.</param>
    public static void Moments(Index1D i, ArrayView<ushort> x, ArrayView<float> sums, NormalizationShape shape)
    {
        int slice = i / shape.Channels;
        int channel = i - (slice * shape.Channels);
        float origin = BFloat.ToFloat(x[channel]);
        float sum = 0;
        float squares = 0;
        for (long at = i; at < x.Length; at += (long)shape.Slices * shape.Channels)
        {
            float distance = BFloat.ToFloat(x[at]) - origin;
            sum += distance;
            squares += distance * distance;
        }
        sums[(2 * slice * shape.Channels) + channel] = sum;
        sums[(((2 * slice) + 1) * shape.Channels) + channel] = squares;
    }

    /// <summary>Computes the mean and 1/√(variance + epsilon) of the batch, and moves the stored statistics.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="x">The input, (rows, channels).</param>
    /// <param name="sums">The sums of <see cref="Moments"/>.</param>
    /// <param name="batch">Receives the means and the inverse deviations, (2, channels).</param>
    /// <param name="moving">The stored means and variances, (2, channels), changed in place.</param>
    /// <param name="shape">The shape.</param>
    public static void Statistics(
        Index1D channel,
        ArrayView<ushort> x,
        ArrayView<float> sums,
        ArrayView<float> batch,
        ArrayView<float> moving,
        NormalizationShape shape
    )
    {
        float sum = 0;
        float squares = 0;
        for (int slice = 0; slice < shape.Slices; slice++)
        {
            sum += sums[(2 * slice * shape.Channels) + channel];
            squares += sums[(((2 * slice) + 1) * shape.Channels) + channel];
        }
        float rows = x.Length / shape.Channels;
        float distance = sum / rows;
        float mean = BFloat.ToFloat(x[channel]) + distance;
        float variance = IntrinsicMath.Max((squares / rows) - (distance * distance), 0f);
        batch[channel] = mean;
        batch[shape.Channels + channel] = Functions.InverseRoot(variance + shape.Epsilon);
        moving[channel] = (moving[channel] * shape.Momentum) + (mean * (1 - shape.Momentum));
        moving[shape.Channels + channel] =
            (moving[shape.Channels + channel] * shape.Momentum) + (variance * (1 - shape.Momentum));
    }

    /// <summary>Computes the output.</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="x">The input, (rows, channels).</param>
    /// <param name="batch">The means and the inverse deviations, (2, channels).</param>
    /// <param name="affine">The scales and the shifts, (2, channels).</param>
    /// <param name="y">Receives the output; may be the input.</param>
    /// <param name="shape">The shape.</param>
    public static void Normalize(
        Index1D i,
        ArrayView<ushort> x,
        ArrayView<float> batch,
        ArrayView<float> affine,
        ArrayView<ushort> y,
        NormalizationShape shape
    )
    {
        int channel = i % shape.Channels;
        float normal = (BFloat.ToFloat(x[i]) - batch[channel]) * batch[shape.Channels + channel];
        float value = (normal * affine[channel]) + affine[shape.Channels + channel];
        y[i] = BFloat.Round(shape.Relu != 0 && value <= 0 ? 0 : value);
    }

    /// <summary>
    /// Zeroes the gradient where the ReLU's output is not above 0, and sums it and its products with the normalized input over every
    /// slices-th row: the gradients of the shifts and of the scales.
    /// </summary>
    /// <param name="i">The index of the sum: slice · channels + channel.</param>
    /// <param name="gradient">The gradient of the output, (rows, channels), changed in place.</param>
    /// <param name="x">The input, (rows, channels).</param>
    /// <param name="y">The output; read if a ReLU follows.</param>
    /// <param name="batch">The means and the inverse deviations, (2, channels).</param>
    /// <param name="sums">Receives the sums, (slices, 2, channels).</param>
    /// <param name="shape">The shape.</param>
    public static void GradientSums(
        Index1D i,
        ArrayView<ushort> gradient,
        ArrayView<ushort> x,
        ArrayView<ushort> y,
        ArrayView<float> batch,
        ArrayView<float> sums,
        NormalizationShape shape
    )
    {
        int slice = i / shape.Channels;
        int channel = i - (slice * shape.Channels);
        float mean = batch[channel];
        float inverse = batch[shape.Channels + channel];
        float shift = 0;
        float scale = 0;
        for (long at = i; at < x.Length; at += (long)shape.Slices * shape.Channels)
        {
            if (shape.Relu != 0 && BFloat.ToFloat(y[at]) <= 0)
            {
                gradient[at] = 0;
                continue;
            }
            float slope = BFloat.ToFloat(gradient[at]);
            shift += slope;
            scale += slope * (BFloat.ToFloat(x[at]) - mean) * inverse;
        }
        sums[(2 * slice * shape.Channels) + channel] = shift;
        sums[(((2 * slice) + 1) * shape.Channels) + channel] = scale;
    }

    /// <summary>Computes the gradient of the input.</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="gradient">The masked gradient of the output, replaced by that of the input.</param>
    /// <param name="x">The input, (rows, channels).</param>
    /// <param name="batch">The means and the inverse deviations, (2, channels).</param>
    /// <param name="affine">The scales and the shifts, (2, channels).</param>
    /// <param name="slopes">The gradients of the shifts and of the scales, (2, channels).</param>
    /// <param name="shape">The shape.</param>
    public static void InputGradient(
        Index1D i,
        ArrayView<ushort> gradient,
        ArrayView<ushort> x,
        ArrayView<float> batch,
        ArrayView<float> affine,
        ArrayView<float> slopes,
        NormalizationShape shape
    )
    {
        int channel = i % shape.Channels;
        float rows = x.Length / shape.Channels;
        float inverse = batch[shape.Channels + channel];
        float normal = (BFloat.ToFloat(x[i]) - batch[channel]) * inverse;
        float centered =
            BFloat.ToFloat(gradient[i]) - (slopes[channel] / rows) - (normal * slopes[shape.Channels + channel] / rows);
        gradient[i] = BFloat.Round(affine[channel] * inverse * centered);
    }
}
