using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The padding at the borders of images: <c>"valid"</c>, <c>"same"</c> (both convert from their names, in any case), or
/// a number of pixels per side.
/// </summary>
public sealed record Padding
{
    private readonly Pads2 _pads;

    private Padding(string name, Pads2 pads) => (Name, _pads) = (name, pads);

    /// <summary>No padding: windows lie entirely inside the image.</summary>
    public static Padding Valid { get; } = new("valid", Pads2.None);

    /// <summary>
    /// Keras's 'same' padding: ⌈n / stride⌉ outputs along each axis; an odd pixel goes after the image.
    /// </summary>
    public static Padding Same { get; } = new("same", Pads2.None);

    /// <summary>Creates a padding with a number of pixels per side.</summary>
    /// <param name="top">The number of rows above, at least 0.</param>
    /// <param name="bottom">The number of rows below, at least 0.</param>
    /// <param name="left">The number of columns to the left, at least 0.</param>
    /// <param name="right">The number of columns to the right, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static Padding Explicit(int top, int bottom, int left, int right) =>
        new(
            "explicit",
            new Pads2(
                Argument.AtLeast(top, 0, nameof(Padding), nameof(top)),
                Argument.AtLeast(bottom, 0, nameof(Padding), nameof(bottom)),
                Argument.AtLeast(left, 0, nameof(Padding), nameof(left)),
                Argument.AtLeast(right, 0, nameof(Padding), nameof(right))
            )
        );

    /// <summary>The name: <c>valid</c>, <c>same</c> or <c>explicit</c>.</summary>
    public string Name { get; }

    /// <summary>Returns the padding with this name.</summary>
    /// <param name="name">The name: <c>"valid"</c> or <c>"same"</c>, in any case.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Padding FromName(string name) =>
        string.Equals(name, "valid", StringComparison.OrdinalIgnoreCase) ? Valid
        : string.Equals(name, "same", StringComparison.OrdinalIgnoreCase) ? Same
        : throw new ArgumentException(
            $"'{name}' is not a padding. Use \"valid\", \"same\" or Padding.Explicit(top, bottom, left, right).",
            nameof(name)
        );

    /// <summary>Returns the padding with this name.</summary>
    /// <exception cref="ArgumentException">The name is neither <c>"valid"</c> nor <c>"same"</c>.</exception>
    public static implicit operator Padding(string name) => FromName(name);

    /// <summary>Returns the pixels on each side of an image.</summary>
    /// <param name="height">The image's height.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="window">The height and width of the window before dilation.</param>
    /// <param name="strides">The distance between windows.</param>
    /// <param name="dilation">The dilation.</param>
    public Pads2 Resolve(int height, int width, Size2 window, Size2 strides, Size2 dilation) =>
        ReferenceEquals(this, Same) ? Pads2.Same(height, width, window, strides, dilation) : _pads;

    /// <summary>Returns the pixels for these images, (N, H, W, C).</summary>
    internal Pads2 Resolve(Shape images, string op, Size2 window, Size2 strides, Size2 dilation)
    {
        images.RequireImages(op);
        return Resolve(images[1]!.Value, images[2]!.Value, window, strides, dilation);
    }

    /// <summary>
    /// Returns this padding if every side is below the pool size: a window of padding alone has no value.
    /// </summary>
    internal Padding RequireBelow(Size2 pool, string layer) =>
        Math.Max(_pads.Top, _pads.Bottom) < pool.Height && Math.Max(_pads.Left, _pads.Right) < pool.Width
            ? this
            : throw new ArgumentException($"{layer}: padding {this} must be below the pool of {pool} on every side.");

    /// <summary>Returns the name as Keras writes it, or ((top, bottom), (left, right)) for explicit pixels.</summary>
    internal JsonNode ToJson() => Name == "explicit" ? _pads.ToJson() : Name;

    /// <inheritdoc/>
    public override string ToString() =>
        Name == "explicit" ? $"(({_pads.Top}, {_pads.Bottom}), ({_pads.Left}, {_pads.Right}))" : Name;
}
