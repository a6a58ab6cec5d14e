namespace Lamina;

/// <summary>Options of a model's drawing: the arguments of Keras's <c>plot_model</c>, with its defaults.</summary>
public sealed record PlotOptions
{
    /// <summary><see langword="true"/> to show the layer's input and output shapes.</summary>
    public bool ShowShapes { get; init; }

    /// <summary><see langword="true"/> to show the layer's element type.</summary>
    public bool ShowDType { get; init; }

    /// <summary>
    /// <see langword="true"/> to show the layer's name above its class. Default: <see langword="true"/>.
    /// </summary>
    public bool ShowLayerNames { get; init; } = true;

    /// <summary>
    /// The direction of the graph: <c>"TB"</c> from top to bottom, <c>"LR"</c> from left to right. Default:
    /// <c>"TB"</c>.
    /// </summary>
    public string RankDir { get; init; } = "TB";

    /// <summary>
    /// <see langword="true"/> to draw models used as layers with their own layers, in a dashed frame.
    /// </summary>
    public bool ExpandNested { get; init; }

    /// <summary>The resolution of a PNG in dots per inch, from 10 to 1200; ignored for SVG. Default: 96.</summary>
    public int Dpi { get; init; } = 96;

    /// <summary><see langword="true"/> to show the activation of layers that have one.</summary>
    public bool ShowLayerActivations { get; init; }

    /// <summary><see langword="true"/> to show T for trainable and NT for frozen layers.</summary>
    public bool ShowTrainable { get; init; }

    /// <summary><see langword="true"/> if the graph runs from left to right.</summary>
    internal bool IsHorizontal => RankDir == "LR";

    /// <summary>Throws unless the options are valid.</summary>
    internal PlotOptions Validated()
    {
        if (RankDir is not ("TB" or "LR"))
        {
            throw new LaminaException($"'{RankDir}' is not a plot direction. Use rankDir \"TB\" or \"LR\".");
        }
        if (Dpi is < 10 or > 1200)
        {
            throw new LaminaException($"{Dpi} dpi is out of range. Use 10 to 1200.");
        }
        return this;
    }
}
