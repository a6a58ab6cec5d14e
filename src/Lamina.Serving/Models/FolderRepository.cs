using System.Globalization;

namespace Lamina.Serving;

/// <summary>
/// A folder of models, as Triton has them: <c>model/1</c>, <c>model/2</c>…, or a folder that is itself the only version. What
/// a request asks for is compared with the folder's listing and never becomes part of a path.
/// </summary>
internal sealed class FolderRepository : IModelSource
{
    private readonly DirectoryInfo _folder;
    private readonly Func<string, IInferenceModel> _load;
    private readonly BatchingOptions _batching;

    public FolderRepository(string folder, Func<string, IInferenceModel> load, BatchingOptions batching)
    {
        (_folder, _load, _batching) = (new DirectoryInfo(folder), load, batching);
        if (!_folder.Exists)
        {
            throw new LaminaException(
                $"{folder}: there is no such folder. Name a folder with a sub-folder for each model."
            );
        }
    }

    public IReadOnlyList<string> Names() => [.. Models().Select(d => d.Name).Order(StringComparer.Ordinal)];

    public IReadOnlyList<ModelVersionSource> VersionsOf(string name)
    {
        if (Models().FirstOrDefault(d => d.Name == name) is not { } model)
        {
            return [];
        }
        ModelVersionSource[] numbered =
        [
            .. FoldersIn(model)
                .Where(d => IsVersion(d.Name))
                .OrderBy(d => int.Parse(d.Name, CultureInfo.InvariantCulture))
                .Select(d => Source(d.Name, d.FullName)),
        ];
        return numbered.Length > 0 ? numbered : [Source("1", model.FullName)];
    }

    private IEnumerable<DirectoryInfo> Models() => FoldersIn(_folder).Where(d => ModelName.IsValid(d.Name));

    private DirectoryInfo[] FoldersIn(DirectoryInfo folder)
    {
        try
        {
            return folder.GetDirectories();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{_folder.Name}: the repository cannot be read ({e.GetType().Name}).", e);
        }
    }

    private ModelVersionSource Source(string version, string path) => new(version, () => _load(path), _batching);

    private static bool IsVersion(string name) =>
        name[0] != '0' && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
