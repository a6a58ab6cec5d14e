namespace Lamina;

/// <summary>The layers models of tfjs, read and written by <see cref="TfjsFile"/>.</summary>
internal static class TfjsFormat
{
    private const string FileName = "model.json";

    public static ModelFormat Format { get; } =
        new("tfjs", "a tfjs layers model")
        {
            Extensions = [".json"],
            HoldsGraph = true,
            HoldsMetadata = true,
            Recognizes = s => s.IsFolder ? File.Exists(Path.Combine(s.Path, FileName)) : s.IsJson,
            Describer = TfjsFile.Describe,
            Reader = path => new LoadedModel(TfjsFile.Load(path), TfjsFile.ReadMetadata(path)),
            Weights = TfjsFile.LoadWeights,
            Writer = (model, path, options) => TfjsFile.Save(model, path, options.Metadata),
        };
}
