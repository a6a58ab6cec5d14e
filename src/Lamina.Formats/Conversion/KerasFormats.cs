namespace Lamina;

/// <summary>Keras's files, by <see cref="KerasFile"/>.</summary>
internal static class KerasFormats
{
    private const string WeightsEnding = ".weights.h5";

    private static ReadOnlySpan<byte> Hdf5 => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n'];

    /// <summary>Keras 3's archive.</summary>
    public static ModelFormat Archive { get; } =
        new("keras", "a Keras 3 model")
        {
            Extensions = [".keras"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Recognises = s => s.ZipNames.Contains("config.json") && s.ZipNames.Contains("metadata.json"),
            Describer = KerasFile.Describe,
            Reader = KerasFile.LoadWithMetadata,
            Weights = KerasFile.LoadWeights,
            Writer = (model, path, options) => KerasFile.Save(model, path, options.Metadata),
        };

    /// <summary>Keras 3's weights.</summary>
    public static ModelFormat Weights { get; } =
        new("weights.h5", "a Keras 3 weights file")
        {
            Extensions = [WeightsEnding],
            HoldsMetadata = true,
            Recognises = s => s.StartsWith(Hdf5) && s.Path.EndsWith(WeightsEnding, StringComparison.OrdinalIgnoreCase),
            Describer = KerasFile.Describe,
            Weights = KerasFile.LoadWeights,
            Writer = (model, path, options) => KerasFile.SaveWeights(model, path, options.Metadata),
        };

    /// <summary>Keras 2's HDF5: a whole model, or weights alone, which is what is read where the model is given.</summary>
    public static ModelFormat Legacy { get; } =
        new("h5", "a Keras 2 model")
        {
            Extensions = [".h5", ".hdf5"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Recognises = s => s.StartsWith(Hdf5),
            Describer = KerasFile.Describe,
            Reader = KerasFile.LoadWithMetadata,
            Weights = KerasFile.LoadWeights,
            Writer = (model, path, options) => KerasFile.Save(model, path, options.Metadata),
        };
}
