namespace Lamina;

/// <summary>The ONNX format, read and written by <see cref="OnnxFile"/>.</summary>
internal static class OnnxFormat
{
    public static ModelFormat Format { get; } =
        new("onnx", "an ONNX model")
        {
            Extensions = [".onnx"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Losses = ["data for training only: dropout, initializers"],
            // A protobuf message has no signature, so this tests its first field, the IR version, and the tag of the
            // next.
            Recognizes = s => s.Start is [0x08, <= 0x20, 0x12 or 0x1A or 0x22 or 0x2A or 0x32 or 0x3A or 0x42, ..],
            Describer = OnnxFile.Describe,
            Reader = path =>
            {
                OnnxModel read = OnnxFile.Import(path);
                return new LoadedModel(read.Model, read.Metadata);
            },
            Weights = OnnxFile.LoadWeights,
            Writer = (model, path, options) =>
                OnnxFile.Export(
                    model,
                    path,
                    new OnnxExportOptions { Metadata = options.Metadata, Layout = options.OnnxLayout }
                ),
        };
}
