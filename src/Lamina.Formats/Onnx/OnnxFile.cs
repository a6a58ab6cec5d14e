using Google.Protobuf;
using Onnx;

namespace Lamina;

/// <summary>
/// ONNX files: a model written for inference by ONNX Runtime and others, and a network of others read as a model of Lamina's
/// layers. Opset 17, IR version 8.
/// </summary>
public static class OnnxFile
{
    /// <summary>
    /// Writes a model as ONNX, replacing the file as a whole or not at all. Any model can be written: nested models and shared
    /// layers become nodes with shared weights, dropout goes, batch normalisation is by its stored averages. Nodes, inputs,
    /// outputs and weights are named after layers; the batch is free unless the model fixes it.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="options">The layout of images, metadata and more; <see langword="null"/> for the defaults.</param>
    /// <exception cref="LaminaException">It cannot be written, or has over 2 GiB of weights.</exception>
    public static void Export(Model model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto file = new OnnxExporter(model, options ?? new OnnxExportOptions()).Export(path);
        AtomicFile.Write(path, stream => file.WriteTo(stream));
    }
}
