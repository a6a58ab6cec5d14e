using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Options of exporting a model to ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// The order of dimensions of images in the file: inputs and outputs of rank 4. Others do not change. Default: (N,
    /// C, H, W).
    /// </summary>
    public OnnxLayout Layout { get; init; } = OnnxLayout.Nchw;

    /// <summary>
    /// <see langword="true"/> to fold a batch normalization that directly follows a convolution or a dense layer into
    /// its weights, which is exact except for rounding. Default: <see langword="false"/>, which keeps a separate node
    /// that can still be read and trained.
    /// </summary>
    public bool FoldBatchNormalization { get; init; }

    /// <summary>
    /// The file's <c>metadata_props</c>: class names, preprocessing, the origin of the model. One property each;
    /// strings as they are, other values as JSON. <see langword="null"/> for none.
    /// </summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>The file's documentation; <see langword="null"/> for the names of the model and of Lamina.</summary>
    public string? DocString { get; init; }
}
