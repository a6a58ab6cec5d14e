namespace Lamina;

/// <summary>The state dicts of PyTorch, read and written by <see cref="PyTorchFile"/>.</summary>
internal static class PyTorchFormat
{
    // The first byte of a pickle: files from before PyTorch 1.6, and others that are rejected with a reason.
    private const byte Pickle = 0x80;

    public static ModelFormat Format { get; } =
        new("pth", "a PyTorch state dict")
        {
            Extensions = [".pth", ".pt"],
            HoldsMetadata = true,
            SidePath = SideMetadata.PathOf,
            Recognizes = s =>
                s.ZipNames.Any(n => n.EndsWith("/data.pkl", StringComparison.Ordinal)) || s.Start is [Pickle, ..],
            Describer = path => PyTorchFile.Describe(path) with { Metadata = SideMetadata.Read(path) },
            Weights = (model, path) => PyTorchFile.LoadWeights(model, path),
            Writer = (model, path, options) =>
                SideMetadata.Write(
                    path,
                    options.Metadata,
                    () => PyTorchFile.SaveWeights(model, path, new PyTorchOptions { Modules = options.PyTorchModules })
                ),
        };
}
