namespace Lamina;

/// <summary>A sheet of captioned images in rows: explanations, neighbors, activations.</summary>
public sealed record PictureSheet
{
    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence below the title. Default: none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The rows, at least one.</summary>
    public required IReadOnlyList<SheetRow> Rows { get; init; }

    /// <summary>The side of an image in points, from 16. Default: 132.</summary>
    public float TileSize { get; init; } = 132;

    /// <summary>The most images side by side; longer rows continue below. Default: 10.</summary>
    public int Columns { get; init; } = 10;

    /// <summary>
    /// The words at the ends of the scale of <see cref="SheetTile.Heat"/>; <see langword="null"/> for no scale.
    /// </summary>
    public (string Low, string High)? Scale { get; init; }

    /// <summary><see langword="true"/> for a dark background. Default: <see langword="false"/>.</summary>
    public bool IsDark { get; init; }
}

/// <summary>A row of a sheet.</summary>
/// <param name="Tiles">The images, at least one.</param>
public sealed record SheetRow(IReadOnlyList<SheetTile> Tiles)
{
    /// <summary>The title of the row. Default: none.</summary>
    public string Title { get; init; } = "";

    /// <summary>The text behind the title. Default: none.</summary>
    public string Note { get; init; } = "";
}

/// <summary>An image of a sheet.</summary>
/// <param name="Pixels">The image's bytes, row by row, channels interleaved: (height, width, channels).</param>
/// <param name="Height">The image's height in pixels.</param>
/// <param name="Width">The image's width in pixels.</param>
/// <param name="Channels">The number of channels: 1 for gray, 3 for RGB, 4 for RGBA (not premultiplied).</param>
public sealed record SheetTile(ReadOnlyMemory<byte> Pixels, int Height, int Width, int Channels)
{
    /// <summary>
    /// The values from 0 to 1 that are drawn in colors over the image in gray, (height, width) of any size. Default: none.
    /// </summary>
    public NDArray? Heat { get; init; }

    /// <summary>The title below the image. Default: none.</summary>
    public string Title { get; init; } = "";

    /// <summary>Lines below the title, separated by line breaks. Default: none.</summary>
    public string Caption { get; init; } = "";

    /// <summary>The frame: blue for <see langword="true"/>, orange for <see langword="false"/>. Default: thin and gray.</summary>
    public bool? IsRight { get; init; }
}
