namespace Lamina;

/// <summary>The arithmetic that convolution and pooling share.</summary>
internal static class Windows
{
    /// <summary>Returns the shape after sliding a window over images; the channels do not change.</summary>
    public static Shape OutputShape(Shape x, Size2 window, Size2 strides, Pads2 pads, Size2 dilation)
    {
        int height = x[1]!.Value;
        int width = x[2]!.Value;
        int h = Outputs(height, window.Height, strides.Height, pads.Top, pads.Bottom, dilation.Height);
        int w = Outputs(width, window.Width, strides.Width, pads.Left, pads.Right, dilation.Width);
        if (h < 1 || w < 1)
        {
            string kind = pads == Pads2.None ? "'valid'" : "padded";
            string dilated = dilation == Size2.One ? "" : $" dilated by {dilation}";
            throw new ShapeException(
                $"a {window} {kind} window{dilated} does not fit its {height}×{width} input. "
                    + "Use padding: \"same\", a smaller kernel, or a larger Input."
            );
        }
        return x.With(1, h).With(2, w);
    }

    /// <summary>Returns the number of windows that fit along one axis; below 1 if none does.</summary>
    public static int Outputs(int n, int window, int stride, int before, int after, int dilation)
    {
        long span = ((long)(window - 1) * dilation) + 1;
        long room = (long)n + before + after - span;
        return room < 0 ? 0 : checked((int)((room / stride) + 1));
    }

    /// <summary>Returns this shape if it is (N, H, W, C).</summary>
    public static Shape RequireImages(this Shape x, string op) =>
        x.Rank == 4
            ? x
            : throw new ShapeException(
                $"{op} needs images (batch, height, width, channels), got {x}. "
                    + "Use Reshape, or apply the layer before Flatten."
            );
}
