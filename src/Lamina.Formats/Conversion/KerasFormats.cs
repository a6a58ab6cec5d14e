namespace Lamina;

/// <summary>The file formats of Keras, read and written by <see cref="KerasFile"/>.</summary>
internal static class KerasFormats
{
    private const string WeightsEnding = ".weights.h5";

    private static ReadOnlySpan<byte> Hdf5 => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n'];

    /// <summary>The archive of Keras 3.</summary>
    public static ModelFormat Archive { get; } =
        new("keras", "a Keras 3 model")
        {
            Extensions = [".keras"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Recognizes = s => s.ZipNames.Contains("config.json") && s.ZipNames.Contains("metadata.json"),
            Describer = KerasFile.Describe,
            Reader = KerasFile.LoadWithMetadata,
            Weights = KerasFile.LoadWeights,
            Writer = (model, path, options) => KerasFile.Save(model, path, options.Metadata),
        };

    /// <summary>The weights file of Keras 3.</summary>
    public static ModelFormat Weights { get; } =
        new("weights.h5", "a Keras 3 weights file")
        {
            Extensions = [WeightsEnding],
            HoldsMetadata = true,
            Recognizes = s => s.StartsWith(Hdf5) && s.Path.EndsWith(WeightsEnding, StringComparison.OrdinalIgnoreCase),
            Describer = KerasFile.Describe,
            Weights = KerasFile.LoadWeights,
            Writer = (model, path, options) => KerasFile.SaveWeights(model, path, options.Metadata),
        };

    /// <summary>
    /// The HDF5 file of Keras 2: a whole model, or only weights. If a model is given, the weights are read.
    /// </summary>
    public static ModelFormat Legacy { get; } =
        new("h5", "a Keras 2 model")
        {
            Extensions = [".h5", ".hdf5"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Recognizes = s => s.StartsWith(Hdf5),
            Describer = KerasFile.Describe,
            Reader = KerasFile.LoadWithMetadata,
            Weights = KerasFile.LoadWeights,
            Writer = (model, path, options) => KerasFile.Save(model, path, options.Metadata),
        };
}
