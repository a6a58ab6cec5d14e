namespace Lamina;

/// <summary>A height and a width: of a kernel, a stride, a dilation, a pooling window. An int or a tuple converts.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2(int Height, int Width)
{
    /// <summary>Creates a square size.</summary>
    public Size2(int size)
        : this(size, size) { }

    /// <summary>One by one.</summary>
    public static Size2 One => new(1, 1);

    /// <summary>A square size.</summary>
    public static implicit operator Size2(int size) => new(size, size);

    /// <summary>A (height, width) pair.</summary>
    public static implicit operator Size2((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>The size as error messages print it: <c>11×11</c>.</summary>
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
