using Google.Protobuf;
using Onnx;

namespace Lamina;

/// <summary>
/// Reads and writes ONNX files: models for inference by ONNX Runtime and others, and foreign networks as models of
/// Lamina's layers. Opset 17, IR version 8.
/// </summary>
public static class OnnxFile
{
    /// <summary>
    /// Writes a model as ONNX, replacing the file atomically. Every model can be written: nested models and shared
    /// layers become nodes with shared weights, dropout is removed, batch normalization uses its stored averages.
    /// Nodes, inputs, outputs and weights are named after layers; the batch size is free unless the model fixes it.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="options">The layout of images, metadata and more; <see langword="null"/> for the defaults.</param>
    /// <exception cref="LaminaException">
    /// The file cannot be written, or the model has more than 2 GiB of weights.
    /// </exception>
    public static void Export(Model model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto file = new OnnxExporter(model, options ?? new OnnxExportOptions()).Export(path);
        AtomicFile.Write(path, stream => file.WriteTo(stream));
    }

    /// <summary>
    /// Reads a network as a model of Lamina's layers, named after the file's nodes. Images become (N, H, W, C),
    /// whatever their order in the file; separate activations and biases are merged into the preceding layer; the batch
    /// size becomes free.
    /// </summary>
    /// <param name="path">The file. External data must be in its folder or below.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is malformed or damaged, or contains an operator that Lamina does not support; the
    /// message says what and where.
    /// </exception>
    public static OnnxModel Import(string path)
    {
        using OnnxSource source = OnnxSource.Open(path);
        return new OnnxImporter(source).Import();
    }

    /// <summary>
    /// Sets a model's weights from a file: by the names of layers, or, if those differ and neither network branches, in
    /// their order. All are verified before the first is set.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file, whose network must have weights of the model's shapes.</param>
    /// <exception cref="ModelFileException">The file cannot be read, or its weights do not match.</exception>
    public static void LoadWeights(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxWeights.Load(model, Import(path).Model, path);
    }

    /// <summary>
    /// Describes the content of a file: versions, producer, inputs and outputs, operators, initializers, metadata.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file cannot be read, or is malformed.</exception>
    public static FileDescription Describe(string path)
    {
        using OnnxSource source = OnnxSource.Open(path);
        return OnnxDescription.Of(source);
    }
}
