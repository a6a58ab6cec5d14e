using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Lamina.Serving;

/// <summary>The models that the server serves, and their loading, replacement, and unloading.</summary>
internal sealed partial class ModelRegistry(IModelSource source, ServingOptions options, ILogger<ModelRegistry> logger)
    : IDisposable
{
    private readonly SemaphoreSlim _changes = new(1, 1);
    private ImmutableSortedDictionary<string, ServedModel> _models = ImmutableSortedDictionary.Create<
        string,
        ServedModel
    >(StringComparer.Ordinal);
    private volatile bool _loaded;
    private volatile bool _stopping;

    /// <summary>The models, by name.</summary>
    public IReadOnlyDictionary<string, ServedModel> Models => Volatile.Read(ref _models);

    /// <summary>
    /// <see langword="true"/> if all models are ready and the server is not shutting down. A model that is being replaced is still ready.
    /// </summary>
    public bool IsReady => _loaded && !_stopping && Models.Values.All(m => m.IsReady || m.State != ModelState.Loading);

    /// <summary>Refuses further requests, because the server is shutting down.</summary>
    public void BeginStop() => _stopping = true;

    /// <summary>Finds a version and takes a lease of it.</summary>
    /// <exception cref="ServingException">There is no such model or version, or it is not ready.</exception>
    public ServedVersion Lease(string name, string? version)
    {
        while (true)
        {
            ServedVersion found = Find(name, version);
            // A version that was replaced in this moment is not in the next snapshot.
            if (found.TryLease())
            {
                return found;
            }
        }
    }

    /// <summary>Finds a version.</summary>
    /// <exception cref="ServingException">There is no such model or version, or it is not ready.</exception>
    public ServedVersion Find(string name, string? version)
    {
        if (!Models.TryGetValue(name, out ServedModel? model))
        {
            throw new ServingException(ServingError.NotFound, $"unknown model '{name}'.");
        }
        if (!model.IsReady)
        {
            throw model.State == ModelState.Loading
                ? new ServingException(ServingError.Unavailable, $"model '{name}' is not ready: it is being loaded.")
                : new ServingException(ServingError.NotFound, $"model '{name}' is not loaded.");
        }
        return model.Find(version)
            ?? throw new ServingException(ServingError.NotFound, $"model '{name}' has no version '{version}'.");
    }

    /// <summary>Returns <see langword="true"/> if a version is ready; <see langword="false"/> also if there is no such model.</summary>
    public bool IsModelReady(string name, string? version) =>
        Models.TryGetValue(name, out ServedModel? model) && model.Find(version) is not null;

    /// <summary>Returns the numbers of a model's loaded versions.</summary>
    public IEnumerable<string> VersionsOf(string name) =>
        Models.TryGetValue(name, out ServedModel? model) ? model.Versions.Select(v => v.Version) : [];

    /// <summary>Returns the loaded versions: of one model if it is named, and one of them if its number is given.</summary>
    /// <exception cref="ServingException">There is no such model or version.</exception>
    public IEnumerable<ServedVersion> Loaded(string? name, string? version) =>
        string.IsNullOrEmpty(name) ? Models.Values.SelectMany(m => m.Versions)
        : string.IsNullOrEmpty(version) ? Models[Find(name, null).ModelName].Versions
        : [Find(name, version)];

    /// <summary>Loads all models of the source.</summary>
    /// <exception cref="LaminaException">One of them cannot be loaded.</exception>
    public async Task LoadAllAsync()
    {
        foreach (string name in source.Names())
        {
            await LoadAsync(name).ConfigureAwait(false);
        }
        _loaded = true;
    }

    /// <summary>Loads a model, or replaces it: requests that have begun end with the versions they began with.</summary>
    /// <exception cref="LaminaException">It is not in the source, or cannot be loaded; what was loaded stays.</exception>
    public async Task LoadAsync(string name)
    {
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            IReadOnlyList<ModelVersionSource> sources = [.. source.VersionsOf(name).TakeLast(options.Versions)];
            if (sources.Count == 0)
            {
                throw new ServingException(ServingError.NotFound, $"there is no model '{name}' in the repository.");
            }
            ServedModel before = Models.GetValueOrDefault(name) ?? new ServedModel(name, default, "", []);
            Set(before with { State = ModelState.Loading, Reason = "" });
            var loaded = new List<ServedVersion>();
            try
            {
                foreach (ModelVersionSource version in sources)
                {
                    // Loading computes and reads files for seconds.
                    loaded.Add(await Task.Run(() => ServedVersion.LoadAsync(version, name)).ConfigureAwait(false));
                }
            }
            catch (Exception e)
            {
                await RetireAsync(loaded).ConfigureAwait(false);
                ModelState state = before.IsReady ? ModelState.Ready : ModelState.Unavailable;
                Set(before with { State = state, Reason = $"loading failed: {Line(e)}" });
                if (_loaded || !options.CallerWaitsForModels)
                {
                    LogLoadFailed(name, Line(e));
                }
                throw;
            }
            Set(new ServedModel(name, ModelState.Ready, "", loaded));
            LogLoaded(name, loaded[^1].Version);
            _ = RetireAsync(before.Versions);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Unloads a model after the requests that have begun.</summary>
    /// <exception cref="ServingException">It is not loaded.</exception>
    public async Task UnloadAsync(string name)
    {
        await _changes.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!Models.TryGetValue(name, out ServedModel? model) || !model.IsReady)
            {
                throw new ServingException(ServingError.NotFound, $"model '{name}' is not loaded.");
            }
            Set(new ServedModel(name, ModelState.Unavailable, "unloaded", []));
            LogUnloaded(name);
            await RetireAsync(model.Versions).ConfigureAwait(false);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Unloads everything; the server has no requests left.</summary>
    public async Task CloseAsync()
    {
        IReadOnlyDictionary<string, ServedModel> models = Models;
        Volatile.Write(ref _models, _models.Clear());
        await RetireAsync([.. models.Values.SelectMany(m => m.Versions)]).ConfigureAwait(false);
    }

    /// <summary>Returns every model that is in the source or loaded, with a null version where none is loaded.</summary>
    public IEnumerable<(ServedModel Model, string? Version)> Index(bool readyOnly)
    {
        IReadOnlyDictionary<string, ServedModel> models = Models;
        foreach (string name in source.Names().Union(models.Keys).Order(StringComparer.Ordinal))
        {
            ServedModel model = models.GetValueOrDefault(name) ?? new ServedModel(name, default, "not loaded", []);
            foreach (ServedVersion version in model.Versions)
            {
                yield return (model, version.Version);
            }
            if (!model.IsReady && !readyOnly)
            {
                yield return (model, null);
            }
        }
    }

    public void Dispose() => _changes.Dispose();

    private static Task RetireAsync(IEnumerable<ServedVersion> versions) =>
        Task.WhenAll(versions.Select(v => v.RetireAsync()));

    private static string Line(Exception e) => e is LaminaException ? e.Message : e.GetType().Name;

    private void Set(ServedModel model) => ImmutableInterlocked.Update(ref _models, m => m.SetItem(model.Name, model));

    [LoggerMessage(3, LogLevel.Information, "Model {Model} is ready (version {Version})")]
    private partial void LogLoaded(string model, string version);

    [LoggerMessage(4, LogLevel.Information, "Model {Model} is unloaded")]
    private partial void LogUnloaded(string model);

    [LoggerMessage(5, LogLevel.Error, "Model {Model} cannot be loaded: {Reason}")]
    private partial void LogLoadFailed(string model, string reason);
}
