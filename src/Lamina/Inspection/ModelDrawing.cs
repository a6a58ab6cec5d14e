using Lamina.Inspection;
using Lamina.Inspection.Layout;

namespace Lamina;

/// <summary>Drawings of models as text, in managed code alone: for graphviz, and as SVG.</summary>
public static class ModelDrawing
{
    /// <summary>
    /// The model as text for graphviz: what Keras 2's <c>model_to_dot</c> writes, with the layers numbered from 1 where
    /// Python has addresses.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What to show; <see langword="null"/> for names and classes.</param>
    /// <exception cref="LaminaException">An option is out of range.</exception>
    public static string ToDot(Model model, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options = (options ?? new PlotOptions()).Validated();
        return DotWriter.Write(ModelGraph.Of(model, options), options);
    }

    /// <summary>The model as an SVG drawing, laid out here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What to show; <see langword="null"/> for names and classes.</param>
    /// <exception cref="LaminaException">An option is out of range.</exception>
    public static string ToSvg(Model model, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options = (options ?? new PlotOptions()).Validated();
        ModelGraph graph = ModelGraph.Of(model, options);
        return SvgWriter.Write(graph, GraphLayout.Of(graph, options));
    }

    /// <summary>The model's drawing with all positions, for the PNG writer.</summary>
    internal static GraphDrawing Layout(Model model, PlotOptions options) =>
        GraphLayout.Of(ModelGraph.Of(model, options.Validated()), options);
}
