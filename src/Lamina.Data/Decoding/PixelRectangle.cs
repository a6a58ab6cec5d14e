namespace Lamina;

/// <summary>Says which part of an image of this size is wanted, as soon as the size is known.</summary>
internal delegate PixelRectangle PartChooser(Size2 image);

/// <summary>Whole pixels of an image.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Height">Rows; 0 for nothing.</param>
/// <param name="Width">Columns; 0 for nothing.</param>
internal readonly record struct PixelRectangle(int Top, int Left, int Height, int Width)
{
    /// <summary>Whether there are no pixels.</summary>
    public bool IsEmpty => Height == 0 || Width == 0;

    /// <summary>The smallest rectangle that has both.</summary>
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
