using Lamina.Drawing;

namespace Lamina;

/// <summary>Plots of models. <c>using static Lamina.Plotting;</c> imports <see cref="PlotModel"/> as in Keras.</summary>
public static class Plotting
{
    /// <summary>
    /// Draws a model to a file, like <c>plot_model</c> of Keras: one box per layer, one arrow per connection. The extension
    /// selects the format: .png, .svg or .dot (Graphviz). Only .png loads a native library. The file is replaced atomically.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="toFile">The file to write.</param>
    /// <param name="showShapes"><see langword="true"/> to show input and output shapes.</param>
    /// <param name="showDtype"><see langword="true"/> to show element types.</param>
    /// <param name="showLayerNames"><see langword="true"/> to show layer names.</param>
    /// <param name="rankDir"><c>"TB"</c>: from top to bottom; <c>"LR"</c>: from left to right.</param>
    /// <param name="expandNested"><see langword="true"/> to draw the layers of nested models in a frame.</param>
    /// <param name="dpi">The resolution of a PNG in dots per inch, 10 to 1200.</param>
    /// <param name="showLayerActivations"><see langword="true"/> to show the activations of layers.</param>
    /// <param name="showTrainable"><see langword="true"/> to show T for trainable and NT for frozen layers.</param>
    /// <exception cref="LaminaException">The extension or an option is not supported, or the file cannot be written.</exception>
    public static void PlotModel(
        Model model,
        string toFile = "model.png",
        bool showShapes = false,
        bool showDtype = false,
        bool showLayerNames = true,
        string rankDir = "TB",
        bool expandNested = false,
        int dpi = 96,
        bool showLayerActivations = false,
        bool showTrainable = false
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(toFile);
        var options = new PlotOptions
        {
            ShowShapes = showShapes,
            ShowDType = showDtype,
            ShowLayerNames = showLayerNames,
            RankDir = rankDir,
            ExpandNested = expandNested,
            Dpi = dpi,
            ShowLayerActivations = showLayerActivations,
            ShowTrainable = showTrainable,
        };
        string extension = Path.GetExtension(toFile);
        switch (extension.ToLowerInvariant())
        {
            case ".png":
                ModelPng.Write(toFile, ModelDrawing.Layout(model, options), dpi);
                break;
            case ".svg":
                AtomicFile.WriteAllText(toFile, ModelDrawing.ToSvg(model, options));
                break;
            case ".dot":
                AtomicFile.WriteAllText(toFile, ModelDrawing.ToDot(model, options));
                break;
            default:
                throw new LaminaException($"{toFile}: cannot plot to '{extension}' files. Use .png, .svg or .dot.");
        }
    }
}
