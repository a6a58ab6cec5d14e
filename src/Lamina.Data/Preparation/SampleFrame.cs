namespace Lamina;

/// <summary>
/// The sizes for choosing a window: the decoded image, the whole image after resizing, its center from which evaluation
/// crops, and the model's input.
/// </summary>
/// <param name="Image">The decoded image, in its pixels.</param>
/// <param name="Resized">The size that the whole image would be resized to.</param>
/// <param name="Center">
/// The center of the resized image that preprocessing keeps: a square of <see cref="Preprocessing.ShortSide"/> if that is
/// set; at least the input's size and at most <paramref name="Resized"/>.
/// </param>
/// <param name="Target">The input's height and width.</param>
public readonly record struct SampleFrame(Size2 Image, Size2 Resized, Size2 Center, Size2 Target)
{
    /// <summary>The top of <see cref="Center"/> in the resized image.</summary>
    public int CenterTop => Middle(Resized.Height, Center.Height);

    /// <summary>The left side of <see cref="Center"/> in the resized image.</summary>
    public int CenterLeft => Middle(Resized.Width, Center.Width);

    /// <summary>Returns the window of the input's size at a position of the resized image.</summary>
    /// <param name="top">The distance from the resized image's top.</param>
    /// <param name="left">The distance from the resized image's left side.</param>
    public SampleWindow WindowAt(int top, int left) => Part(top, left, Target);

    /// <summary>The central window of the input's size.</summary>
    internal SampleWindow MiddleWindow =>
        WindowAt(Middle(Resized.Height, Target.Height), Middle(Resized.Width, Target.Width));

    /// <summary>The window that equals <see cref="Center"/>.</summary>
    internal SampleWindow CenterWindow => Part(CenterTop, CenterLeft, Center);

    /// <summary>
    /// Returns one of the crops of the paper's test: 0 to 3 for the corners of <see cref="Center"/> (top left, top right,
    /// bottom left, bottom right), 4 for the middle.
    /// </summary>
    internal SampleWindow CropAt(int number)
    {
        if (number == 4)
        {
            return MiddleWindow;
        }
        int down = number >= 2 ? Center.Height - Target.Height : 0;
        int right = number % 2 == 1 ? Center.Width - Target.Width : 0;
        return WindowAt(CenterTop + down, CenterLeft + right);
    }

    private SampleWindow Part(int top, int left, Size2 size)
    {
        // Multiply before dividing, so that the whole image maps to itself without rounding.
        double height = Image.Height;
        double width = Image.Width;
        return new SampleWindow(
            top * height / Resized.Height,
            left * width / Resized.Width,
            size.Height * height / Resized.Height,
            size.Width * width / Resized.Width
        );
    }

    /// <summary>Returns half the difference, rounded half to even as in torchvision.</summary>
    private static int Middle(int whole, int part) => (int)Math.Round((whole - part) / 2.0);
}
