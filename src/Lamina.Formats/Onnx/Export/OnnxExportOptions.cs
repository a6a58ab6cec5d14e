using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>How a model becomes an ONNX file.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// The order of dimensions of the images that the file takes and gives: inputs and outputs of rank 4. Others stay as they
    /// are. (N, C, H, W) by default.
    /// </summary>
    public OnnxLayout Layout { get; init; } = OnnxLayout.Nchw;

    /// <summary>
    /// Whether a batch normalisation that directly follows a convolution or a dense layer is multiplied into its weights,
    /// which is exact but for rounding. Off by default: it stays a node of its own, which can still be read and trained.
    /// </summary>
    public bool FoldBatchNormalization { get; init; }

    /// <summary>
    /// What the file's <c>metadata_props</c> hold: class names, preprocessing, where the model comes from. A property each;
    /// strings as they are, other values as JSON. <see langword="null"/> for nothing.
    /// </summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>The file's documentation; <see langword="null"/> for the model's name and Lamina's.</summary>
    public string? DocString { get; init; }
}
