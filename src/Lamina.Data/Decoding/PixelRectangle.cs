namespace Lamina;

/// <summary>Selects the part to decode once the size of the image is known.</summary>
internal delegate PixelRectangle PartChooser(Size2 image);

/// <summary>A rectangle of whole pixels of an image.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Height">The number of rows; 0 if empty.</param>
/// <param name="Width">The number of columns; 0 if empty.</param>
internal readonly record struct PixelRectangle(int Top, int Left, int Height, int Width)
{
    /// <summary><see langword="true"/> if the rectangle contains no pixels.</summary>
    public bool IsEmpty => Height == 0 || Width == 0;

    /// <summary>Returns the smallest rectangle that contains both.</summary>
    public PixelRectangle Union(PixelRectangle other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return IsEmpty ? other : this;
        }
        int top = Math.Min(Top, other.Top);
        int left = Math.Min(Left, other.Left);
        int bottom = Math.Max(Top + Height, other.Top + other.Height);
        int right = Math.Max(Left + Width, other.Left + other.Width);
        return new PixelRectangle(top, left, bottom - top, right - left);
    }
}
