namespace Lamina;

/// <summary>A chart of lines, or of bars, with a title.</summary>
public sealed record ChartPicture
{
    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence below the title. Default: none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The label of the horizontal axis.</summary>
    public required string XLabel { get; init; }

    /// <summary>The label of the vertical axis.</summary>
    public required string YLabel { get; init; }

    /// <summary>The lines. Default: none.</summary>
    public IReadOnlyList<ChartLine> Lines { get; init; } = [];

    /// <summary>The bars. Default: none.</summary>
    public IReadOnlyList<ChartBar> Bars { get; init; } = [];

    /// <summary>The name of the bars in the legend; empty for none. Default: none.</summary>
    public string BarsName { get; init; } = "";

    /// <summary>
    /// <see langword="true"/> if both axes run from 0 to 1, with the diagonal drawn as the ideal. Default: <see langword="false"/>.
    /// </summary>
    public bool IsReliability { get; init; }

    /// <summary><see langword="true"/> for a dark background. Default: <see langword="false"/>.</summary>
    public bool IsDark { get; init; }
}

/// <summary>A line of a chart.</summary>
/// <param name="Name">The name in the legend; empty for none.</param>
/// <param name="Xs">The horizontal positions.</param>
/// <param name="Ys">The vertical positions, as many.</param>
public sealed record ChartLine(string Name, IReadOnlyList<double> Xs, IReadOnlyList<double> Ys);

/// <summary>A bar of a chart.</summary>
/// <param name="Low">The left end.</param>
/// <param name="High">The right end.</param>
/// <param name="Value">The height.</param>
public readonly record struct ChartBar(double Low, double High, double Value);

/// <summary>Points in a plane, colored by class.</summary>
public sealed record ScatterPicture
{
    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence below the title. Default: none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The panels side by side, at least one.</summary>
    public required IReadOnlyList<ScatterPanel> Panels { get; init; }

    /// <summary>The class of each point.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>The names of the classes; up to 20 are named beside the points.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary><see langword="true"/> for a dark background. Default: <see langword="false"/>.</summary>
    public bool IsDark { get; init; }
}

/// <summary>A panel of points.</summary>
/// <param name="Title">The title.</param>
/// <param name="Points">(N, 2) or more columns, of which the first two are drawn.</param>
public sealed record ScatterPanel(string Title, NDArray Points);
