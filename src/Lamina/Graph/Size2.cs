namespace Lamina;

/// <summary>
/// A height and a width, for example of a kernel, stride, dilation or pooling window. An int or a tuple converts to it.
/// </summary>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
public readonly record struct Size2(int Height, int Width)
{
    /// <summary>Creates a square size.</summary>
    public Size2(int size)
        : this(size, size) { }

    /// <summary>The size 1×1.</summary>
    public static Size2 One => new(1, 1);

    /// <summary>Converts an extent to a square size.</summary>
    public static implicit operator Size2(int size) => new(size, size);

    /// <summary>Converts a (height, width) pair.</summary>
    public static implicit operator Size2((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>Returns the size as error messages print it: <c>11×11</c>.</summary>
    public override string ToString() => $"{Height}×{Width}";

    /// <summary>Throws unless both extents are at least <paramref name="minimum"/>.</summary>
    internal Size2 Require(int minimum, string name) =>
        Height >= minimum && Width >= minimum
            ? this
            : throw new ArgumentOutOfRangeException(
                name,
                $"{name} is {this}; both extents must be at least {minimum}."
            );
}
