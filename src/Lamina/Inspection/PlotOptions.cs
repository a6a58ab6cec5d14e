namespace Lamina;

/// <summary>What the drawing of a model shows: the arguments of Keras's <c>plot_model</c>, with its defaults.</summary>
public sealed record PlotOptions
{
    /// <summary>Whether boxes show the layer's input and output shapes.</summary>
    public bool ShowShapes { get; init; }

    /// <summary>Whether boxes show the layer's element type.</summary>
    public bool ShowDType { get; init; }

    /// <summary>Whether boxes show the layer's name above its class.</summary>
    public bool ShowLayerNames { get; init; } = true;

    /// <summary>The direction of the graph: <c>"TB"</c> from top to bottom, <c>"LR"</c> from left to right.</summary>
    public string RankDir { get; init; } = "TB";

    /// <summary>Whether models used as layers are drawn with their own layers, in a dashed frame.</summary>
    public bool ExpandNested { get; init; }

    /// <summary>The density of a PNG in dots an inch, 10 to 1200; SVG files scale and ignore it.</summary>
    public int Dpi { get; init; } = 96;

    /// <summary>Whether boxes show the activation of layers that have one.</summary>
    public bool ShowLayerActivations { get; init; }

    /// <summary>Whether boxes show T for trainable and NT for frozen layers.</summary>
    public bool ShowTrainable { get; init; }

    /// <summary>Whether the graph runs from left to right.</summary>
    internal bool IsHorizontal => RankDir == "LR";

    /// <summary>Throws unless the options make sense.</summary>
    internal PlotOptions Validated()
    {
        if (RankDir is not ("TB" or "LR"))
        {
            throw new LaminaException($"'{RankDir}' is no direction of a plot. Use rankDir \"TB\" or \"LR\".");
        }
        if (Dpi is < 10 or > 1200)
        {
            throw new LaminaException($"A plot of {Dpi} dpi is impossible. Use 10 to 1200.");
        }
        return this;
    }
}
