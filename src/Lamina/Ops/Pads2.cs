namespace Lamina;

/// <summary>The pixels added on each side of an image.</summary>
/// <param name="Top">The number of rows above.</param>
/// <param name="Bottom">The number of rows below.</param>
/// <param name="Left">The number of columns to the left.</param>
/// <param name="Right">The number of columns to the right.</param>
public readonly record struct Pads2(int Top, int Bottom, int Left, int Right)
{
    /// <summary>No padding.</summary>
    public static Pads2 None => default;

    /// <summary><see langword="true"/> if both sides of each axis are equal.</summary>
    public bool IsSymmetric => Top == Bottom && Left == Right;

    /// <summary>
    /// Returns Keras's 'same' padding: the output has length ⌈n / stride⌉, and an odd pixel goes after the image.
    /// </summary>
    /// <param name="height">The input's height.</param>
    /// <param name="width">The input's width.</param>
    /// <param name="window">The height and width of the window before dilation.</param>
    /// <param name="strides">The strides.</param>
    /// <param name="dilation">The dilation.</param>
    public static Pads2 Same(int height, int width, Size2 window, Size2 strides, Size2 dilation)
    {
        (int top, int bottom) = SameAxis(height, window.Height, strides.Height, dilation.Height);
        (int left, int right) = SameAxis(width, window.Width, strides.Width, dilation.Width);
        return new Pads2(top, bottom, left, right);
    }

    /// <summary>Returns the four sides, as errors show them.</summary>
    public override string ToString() => $"(top {Top}, bottom {Bottom}, left {Left}, right {Right})";

    private static (int Before, int After) SameAxis(int n, int window, int stride, int dilation)
    {
        int outputs = (n + stride - 1) / stride;
        long total = Math.Max(0, ((long)(outputs - 1) * stride) + ((long)(window - 1) * dilation) + 1 - n);
        return (checked((int)(total / 2)), checked((int)(total - (total / 2))));
    }
}
