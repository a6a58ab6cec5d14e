namespace Lamina;

/// <summary>Pixels added on each side of an image.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Left">Columns to the left.</param>
/// <param name="Right">Columns to the right.</param>
public readonly record struct Pads2(int Top, int Bottom, int Left, int Right)
{
    /// <summary>No padding.</summary>
    public static Pads2 None => default;

    /// <summary>Whether both sides of each axis get the same.</summary>
    public bool IsSymmetric => Top == Bottom && Left == Right;

    /// <summary>
    /// The padding of Keras's 'same': the output is ⌈n / stride⌉ long, and an odd pixel goes after the image.
    /// </summary>
    /// <param name="height">The input's height.</param>
    /// <param name="width">The input's width.</param>
    /// <param name="window">The window's extent before dilation.</param>
    /// <param name="strides">The strides.</param>
    /// <param name="dilation">The dilation.</param>
    public static Pads2 Same(int height, int width, Size2 window, Size2 strides, Size2 dilation)
    {
        (int top, int bottom) = SameAxis(height, window.Height, strides.Height, dilation.Height);
        (int left, int right) = SameAxis(width, window.Width, strides.Width, dilation.Width);
        return new Pads2(top, bottom, left, right);
    }

    private static (int Before, int After) SameAxis(int n, int window, int stride, int dilation)
    {
        int outputs = (n + stride - 1) / stride;
        long total = Math.Max(0, ((long)(outputs - 1) * stride) + ((long)(window - 1) * dilation) + 1 - n);
        return (checked((int)(total / 2)), checked((int)(total - (total / 2))));
    }
}
