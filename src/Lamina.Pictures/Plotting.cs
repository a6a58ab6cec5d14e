using Lamina.Drawing;

namespace Lamina;

/// <summary>Plots of models; <c>using static Lamina.Plotting;</c> gives the function of Keras's name.</summary>
public static class Plotting
{
    /// <summary>
    /// Draws a model into a file, as Keras's <c>plot_model</c> does: a box a layer, an arrow a connection. The extension
    /// picks the format: .png, .svg or .dot (graphviz). Only .png loads a native library. The file is replaced whole.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="toFile">The file to write.</param>
    /// <param name="showShapes">Whether to show input and output shapes.</param>
    /// <param name="showDtype">Whether to show element types.</param>
    /// <param name="showLayerNames">Whether to show the layers' names.</param>
    /// <param name="rankDir"><c>"TB"</c>: from top to bottom; <c>"LR"</c>: from left to right.</param>
    /// <param name="expandNested">Whether to draw the layers of models used as layers, in a frame.</param>
    /// <param name="dpi">Dots an inch of a PNG, 10 to 1200.</param>
    /// <param name="showLayerActivations">Whether to show the activations of layers that have one.</param>
    /// <param name="showTrainable">Whether to show T for trainable and NT for frozen layers.</param>
    /// <exception cref="LaminaException">The extension or an option is none of these, or the file cannot be written.</exception>
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
