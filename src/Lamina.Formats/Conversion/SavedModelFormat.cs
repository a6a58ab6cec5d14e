namespace Lamina;

/// <summary>Lamina's saved models, and runs, which contain one.</summary>
internal static class SavedModelFormat
{
    private const string InsideRun = "model";

    public static ModelFormat Format { get; } =
        new("lamina", "a saved model")
        {
            Extensions = [ModelArchive.Extension],
            HoldsGraph = true,
            HoldsMetadata = true,
            Recognizes = s => s.IsFolder ? FolderOf(s.Path) is not null : s.ZipNames.Contains(ModelPart.Architecture),
            Describer = path => ModelFile.Describe(FolderOf(path) ?? path),
            Reader = path =>
            {
                SavedModel saved = ModelFile.Load(FolderOf(path) ?? path, optimizerState: false);
                return new LoadedModel(saved.Model, saved.Metadata);
            },
            Mapper = path =>
            {
                SavedModel saved = ModelFile.LoadMapped(FolderOf(path) ?? path);
                return new LoadedModel(saved.Model, saved.Metadata) { Verification = saved.Verification };
            },
            Weights = (model, path) => ModelFile.LoadWeights(model, FolderOf(path) ?? path),
            Writer = (model, path, options) =>
                ModelFile.Save(model, path, new SaveOptions { Metadata = options.Metadata }),
        };

    // A run's folder contains the model; a tfjs model's folder has a model.json, too, but no architecture.json.
    private static string? FolderOf(string path) =>
        new[] { path, Path.Combine(path, InsideRun) }.FirstOrDefault(p =>
            File.Exists(Path.Combine(p, ModelPart.Manifest)) && File.Exists(Path.Combine(p, ModelPart.Architecture))
        );
}
