namespace Lamina;

/// <summary>
/// The part of a decoded image that becomes the model's input, in pixels of that image; fractions count, and what lies
/// outside the image is black. Choosing it costs nothing: only this window is resized.
/// </summary>
public record struct SampleWindow
{
    /// <summary>A window.</summary>
    public SampleWindow(double top, double left, double height, double width) =>
        (Top, Left, Height, Width) = (top, left, height, width);

    /// <summary>The distance of the window's top from the image's, downwards.</summary>
    public double Top { get; set; }

    /// <summary>The distance of the window's left side from the image's, rightwards.</summary>
    public double Left { get; set; }

    /// <summary>The window's height, above 0.</summary>
    public double Height { get; set; }

    /// <summary>The window's width, above 0.</summary>
    public double Width { get; set; }

    /// <summary>Whether left and right are exchanged.</summary>
    public bool Mirrored { get; set; }
}
