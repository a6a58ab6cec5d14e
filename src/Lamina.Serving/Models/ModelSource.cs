namespace Lamina.Serving;

/// <summary>A version of a model that can be loaded.</summary>
/// <param name="Version">The version: a positive whole number.</param>
/// <param name="Load">Loads one instance; throws a <see cref="LaminaException"/> if it cannot be loaded.</param>
/// <param name="Batching">The options of its queue.</param>
internal sealed record ModelVersionSource(string Version, Func<IInferenceModel> Load, BatchingOptions Batching);

/// <summary>A source of models. Names are only compared, so no request can reach a file by its name.</summary>
internal interface IModelSource
{
    /// <summary>Returns the models that are there now.</summary>
    IReadOnlyList<string> Names();

    /// <summary>Returns the versions of a model, the lowest first; none if there is no such model.</summary>
    IReadOnlyList<ModelVersionSource> VersionsOf(string name);
}

/// <summary>Models that were added one by one, each with one version.</summary>
internal sealed class NamedModels : IModelSource
{
    private readonly Dictionary<string, ModelVersionSource> _models = new(StringComparer.Ordinal);

    public void Add(string name, Func<IInferenceModel> load, BatchingOptions batching)
    {
        ModelName.Require(name);
        if (!_models.TryAdd(name, new ModelVersionSource("1", load, batching)))
        {
            throw new LaminaException($"{name}: two models have this name. Name them differently.");
        }
    }

    public IReadOnlyList<string> Names() => [.. _models.Keys];

    public IReadOnlyList<ModelVersionSource> VersionsOf(string name) =>
        _models.TryGetValue(name, out ModelVersionSource? source) ? [source] : [];
}

/// <summary>The models of several sources; of models with one name the first is served.</summary>
internal sealed class CombinedSource : IModelSource
{
    private readonly List<IModelSource> _sources = [];

    public void Add(IModelSource source) => _sources.Add(source);

    public IReadOnlyList<string> Names() => [.. _sources.SelectMany(s => s.Names()).Distinct(StringComparer.Ordinal)];

    public IReadOnlyList<ModelVersionSource> VersionsOf(string name) =>
        _sources.Select(s => s.VersionsOf(name)).FirstOrDefault(v => v.Count > 0) ?? [];
}

/// <summary>The rule for names of models: they are parts of addresses and labels of metrics.</summary>
internal static class ModelName
{
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 128
        && name[0] != '.'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    public static void Require(string name)
    {
        if (!IsValid(name))
        {
            throw new LaminaException(
                $"{name}: not a name for a served model. Use letters, digits, '_', '-' and '.', at most 128."
            );
        }
    }
}
