namespace Lamina;

/// <summary>
/// The part of a decoded image that becomes the model's input, in pixels of that image. Fractions are exact, and pixels
/// outside the image are black. Only this window is resized.
/// </summary>
public record struct SampleWindow
{
    /// <summary>Creates a window.</summary>
    public SampleWindow(double top, double left, double height, double width) =>
        (Top, Left, Height, Width) = (top, left, height, width);

    /// <summary>The distance of the window's top below the image's top.</summary>
    public double Top { get; set; }

    /// <summary>The distance of the window's left side from the image's left side.</summary>
    public double Left { get; set; }

    /// <summary>The window's height, above 0.</summary>
    public double Height { get; set; }

    /// <summary>The window's width, above 0.</summary>
    public double Width { get; set; }

    /// <summary><see langword="true"/> if the window is mirrored horizontally.</summary>
    public bool Mirrored { get; set; }
}
