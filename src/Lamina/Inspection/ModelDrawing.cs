using Lamina.Inspection;
using Lamina.Inspection.Layout;

namespace Lamina;

/// <summary>Draws models as text, without native libraries: for graphviz, and as SVG.</summary>
public static class ModelDrawing
{
    /// <summary>
    /// Returns the model as graphviz text, like Keras 2's <c>model_to_dot</c>. Layers are numbered from 1 instead of
    /// Python's object addresses.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The content of the drawing; <see langword="null"/> for names and classes.</param>
    /// <exception cref="LaminaException">An option is out of range.</exception>
    public static string ToDot(Model model, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options = (options ?? new PlotOptions()).Validated();
        return DotWriter.Write(ModelGraph.Of(model, options), options);
    }

    /// <summary>Returns the model as an SVG drawing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The content of the drawing; <see langword="null"/> for names and classes.</param>
    /// <exception cref="LaminaException">An option is out of range.</exception>
    public static string ToSvg(Model model, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options = (options ?? new PlotOptions()).Validated();
        ModelGraph graph = ModelGraph.Of(model, options);
        return SvgWriter.Write(graph, GraphLayout.Of(graph, options));
    }

    /// <summary>Returns the model's drawing with all positions, for the PNG writer.</summary>
    internal static GraphDrawing Layout(Model model, PlotOptions options) =>
        GraphLayout.Of(ModelGraph.Of(model, options.Validated()), options);
}
