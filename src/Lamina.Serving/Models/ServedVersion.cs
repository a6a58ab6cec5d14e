namespace Lamina.Serving;

/// <summary>
/// A loaded version of a model: its instances, its queue and its statistics. Requests hold leases of it; once it is
/// retired, it is disposed with the last of them.
/// </summary>
internal sealed class ServedVersion
{
    private readonly Lock _lock = new();
    private readonly List<IInferenceModel> _instances;
    private readonly List<BatchWorker> _workers;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ViewWorker? _views;
    private int _leases;
    private Task? _retirement;

    private ServedVersion(string model, string version, List<IInferenceModel> instances, BatchingOptions options)
    {
        (ModelName, Version, _instances, Options) = (model, version, instances, options);
        Statistics = new ModelStatistics(model, version);
        Queue = new RequestQueue(model, options);
        _views = instances[0] is IViewableModel viewable ? new ViewWorker($"{model}/{version}", viewable) : null;
        _workers = [.. instances.Select(i => new BatchWorker($"{model}/{version}", i, Queue, Statistics, options))];
    }

    public string ModelName { get; }

    public string Version { get; }

    public BatchingOptions Options { get; }

    public RequestQueue Queue { get; }

    public ModelStatistics Statistics { get; }

    /// <summary>The model's metadata and its image decoder.</summary>
    public IInferenceModel Model => _instances[0];

    /// <summary>The worker that looks inside the model; null if the model has no such view.</summary>
    public ViewWorker? Views => _views;

    /// <summary>Loads the instances and warms them up.</summary>
    /// <exception cref="LaminaException">The model cannot be loaded, or does not compute.</exception>
    public static async Task<ServedVersion> LoadAsync(ModelVersionSource source, string model)
    {
        var instances = new List<IInferenceModel>();
        try
        {
            for (int i = 0; i < source.Batching.Instances; i++)
            {
                instances.Add(source.Load());
            }
        }
        catch
        {
            instances.ForEach(i => i.Dispose());
            throw;
        }
        var version = new ServedVersion(model, source.Version, instances, source.Batching);
        try
        {
            foreach (BatchWorker worker in version._workers)
            {
                await worker.Warm.ConfigureAwait(false);
            }
        }
        catch
        {
            await version.RetireAsync().ConfigureAwait(false);
            throw;
        }
        return version;
    }

    /// <summary>Takes a lease, which must be released; fails once the version is retired.</summary>
    public bool TryLease()
    {
        lock (_lock)
        {
            _leases += _retirement is null ? 1 : 0;
            return _retirement is null;
        }
    }

    /// <summary>Releases a lease.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_leases == 0 && _retirement is not null)
            {
                _idle.SetResult();
            }
        }
    }

    /// <summary>Refuses new leases, waits for the last one to be released, and disposes the model.</summary>
    public Task RetireAsync()
    {
        lock (_lock)
        {
            if (_retirement is null)
            {
                _retirement = EndAsync();
                if (_leases == 0)
                {
                    _idle.SetResult();
                }
            }
            return _retirement;
        }
    }

    private async Task EndAsync()
    {
        await _idle.Task.ConfigureAwait(false);
        Queue.Close();
        await Task.WhenAll(_workers.Select(w => w.Ended)).ConfigureAwait(false);
        _views?.Dispose();
        _instances.ForEach(i => i.Dispose());
    }
}
