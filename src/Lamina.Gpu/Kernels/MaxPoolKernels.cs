using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The sizes of a pooling of images (N, height, width, channels).</summary>
internal struct PoolShape
{
    public int Height;
    public int Width;
    public int Channels;
    public int OutHeight;
    public int OutWidth;
    public int Window;
    public int Stride;
    public int Top;
    public int Left;
}

/// <summary>Max pooling of bfloat16 with square windows of at most 16 × 16.</summary>
internal static class MaxPoolKernels
{
    /// <summary>Computes one output, and where in its window the first of the maxima is; NaN counts as a maximum.</summary>
    /// <param name="i">The index of the output.</param>
    /// <param name="x">The input.</param>
    /// <param name="y">Receives the output, (N, outHeight, outWidth, channels).</param>
    /// <param name="places">Receives the place in the window: row · window + column.</param>
    /// <param name="shape">The sizes.</param>
    public static void Forward(
        Index1D i,
        ArrayView<ushort> x,
        ArrayView<ushort> y,
        ArrayView<byte> places,
        PoolShape shape
    )
    {
        int channel = i % shape.Channels;
        int pixel = i / shape.Channels;
        int column = pixel % shape.OutWidth;
        int row = pixel / shape.OutWidth % shape.OutHeight;
        int image = pixel / (shape.OutWidth * shape.OutHeight);
        int top = (row * shape.Stride) - shape.Top;
        int left = (column * shape.Stride) - shape.Left;
        int best = -1;
        float most = 0;
        for (int dy = IntrinsicMath.Max(0, -top); dy < shape.Window && top + dy < shape.Height; dy++)
        {
            long line = (((long)image * shape.Height) + top + dy) * shape.Width;
            for (int dx = IntrinsicMath.Max(0, -left); dx < shape.Window && left + dx < shape.Width; dx++)
            {
                float value = BFloat.ToFloat(x[((line + left + dx) * shape.Channels) + channel]);
                // Only NaN differs from itself.
                bool isNaN = !(value <= 0) && !(value > 0);
                if (best < 0 || value > most || isNaN)
                {
                    best = (dy * shape.Window) + dx;
                    most = value;
                }
                if (isNaN)
                {
                    dx = shape.Window;
                    dy = shape.Window;
                }
            }
        }
        y[i] = BFloat.Round(most);
        places[i] = (byte)IntrinsicMath.Max(best, 0);
    }

    /// <summary>Sums the gradients of the outputs whose maximum one input is.</summary>
    /// <param name="i">The index of the input.</param>
    /// <param name="gradient">The gradient of the output.</param>
    /// <param name="places">The places that <see cref="Forward"/> found.</param>
    /// <param name="result">Receives the gradient of the input.</param>
    /// <param name="shape">The sizes.</param>
    public static void Backward(
        Index1D i,
        ArrayView<ushort> gradient,
        ArrayView<byte> places,
        ArrayView<ushort> result,
        PoolShape shape
    )
    {
        int channel = i % shape.Channels;
        int pixel = i / shape.Channels;
        int x = (pixel % shape.Width) + shape.Left;
        int y = (pixel / shape.Width % shape.Height) + shape.Top;
        int image = pixel / (shape.Width * shape.Height);
        int firstRow = IntrinsicMath.Max(0, (y - shape.Window + shape.Stride) / shape.Stride);
        int firstColumn = IntrinsicMath.Max(0, (x - shape.Window + shape.Stride) / shape.Stride);
        float sum = 0;
        for (int row = firstRow; row * shape.Stride <= y && row < shape.OutHeight; row++)
        {
            for (int column = firstColumn; column * shape.Stride <= x && column < shape.OutWidth; column++)
            {
                long at = (((((long)image * shape.OutHeight) + row) * shape.OutWidth) + column) * shape.Channels;
                int place = ((y - (row * shape.Stride)) * shape.Window) + x - (column * shape.Stride);
                if (places[at + channel] == place)
                {
                    sum += BFloat.ToFloat(gradient[at + channel]);
                }
            }
        }
        result[i] = BFloat.Round(sum);
    }
}
