namespace Lamina;

/// <summary>ONNX, by <see cref="OnnxFile"/>.</summary>
internal static class OnnxFormat
{
    public static ModelFormat Format { get; } =
        new("onnx", "an ONNX model")
        {
            Extensions = [".onnx"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Losses = ["what training alone needs: dropout, initializers"],
            // A message of protobuf has no signature: its first field, the IR's version, and the tag of the next.
            Recognises = s => s.Start is [0x08, <= 0x20, 0x12 or 0x1A or 0x22 or 0x2A or 0x32 or 0x3A or 0x42, ..],
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
