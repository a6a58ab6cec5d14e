using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// How a window treats the borders of images: <c>"valid"</c>, <c>"same"</c> (both convert from their names, in any case),
/// or pixels given a side.
/// </summary>
public sealed record Padding
{
    private readonly Pads2 _pads;

    private Padding(string name, Pads2 pads) => (Name, _pads) = (name, pads);

    /// <summary>No padding: only windows that lie wholly inside the image.</summary>
    public static Padding Valid { get; } = new("valid", Pads2.None);

    /// <summary>Keras's 'same': ⌈n / stride⌉ outputs along each axis, an odd pixel after the image.</summary>
    public static Padding Same { get; } = new("same", Pads2.None);

    /// <summary>Pixels given a side.</summary>
    /// <param name="top">Rows above, at least 0.</param>
    /// <param name="bottom">Rows below, at least 0.</param>
    /// <param name="left">Columns to the left, at least 0.</param>
    /// <param name="right">Columns to the right, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is negative.</exception>
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

    /// <summary><c>valid</c>, <c>same</c> or <c>explicit</c>.</summary>
    public string Name { get; }

    /// <summary>The padding of this name.</summary>
    /// <param name="name"><c>"valid"</c> or <c>"same"</c>, in any case.</param>
    /// <exception cref="ArgumentException">It is another name.</exception>
    public static Padding FromName(string name) =>
        string.Equals(name, "valid", StringComparison.OrdinalIgnoreCase) ? Valid
        : string.Equals(name, "same", StringComparison.OrdinalIgnoreCase) ? Same
        : throw new ArgumentException(
            $"'{name}' is no padding. Use \"valid\", \"same\" or Padding.Explicit(top, bottom, left, right).",
            nameof(name)
        );

    /// <summary>The padding of this name.</summary>
    /// <exception cref="ArgumentException">It is neither <c>"valid"</c> nor <c>"same"</c>.</exception>
    public static implicit operator Padding(string name) => FromName(name);

    /// <summary>The pixels on each side of an image.</summary>
    /// <param name="height">The image's height.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="window">The window's extent before dilation.</param>
    /// <param name="strides">The distance between windows.</param>
    /// <param name="dilation">The dilation.</param>
    public Pads2 Resolve(int height, int width, Size2 window, Size2 strides, Size2 dilation) =>
        ReferenceEquals(this, Same) ? Pads2.Same(height, width, window, strides, dilation) : _pads;

    /// <summary>The pixels for these images, (N, H, W, C).</summary>
    internal Pads2 Resolve(Shape images, string op, Size2 window, Size2 strides, Size2 dilation)
    {
        images.RequireImages(op);
        return Resolve(images[1]!.Value, images[2]!.Value, window, strides, dilation);
    }

    /// <summary>This padding, if no side is as long as a pool: a window of padding alone has no value.</summary>
    internal Padding RequireBelow(Size2 pool, string layer) =>
        Math.Max(_pads.Top, _pads.Bottom) < pool.Height && Math.Max(_pads.Left, _pads.Right) < pool.Width
            ? this
            : throw new ArgumentException($"{layer}: padding {this} must be below the pool of {pool} on every side.");

    /// <summary>A name as Keras writes it, or ((top, bottom), (left, right)) for pixels given a side.</summary>
    internal JsonNode ToJson() => Name == "explicit" ? _pads.ToJson() : Name;

    /// <inheritdoc/>
    public override string ToString() =>
        Name == "explicit" ? $"(({_pads.Top}, {_pads.Bottom}), ({_pads.Left}, {_pads.Right}))" : Name;
}
