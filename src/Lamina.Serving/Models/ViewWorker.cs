using System.Collections.Concurrent;
using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>
/// A thread that shows how a model sees images. It starts with the first request, and then holds a copy of the model. It is
/// always the same thread: libtorch keeps a team of threads for each thread that calls it.
/// </summary>
internal sealed class ViewWorker(string name, IViewableModel model) : IDisposable
{
    private const int MostWaiting = 8;

    private readonly Lock _lock = new();
    private readonly BlockingCollection<Action<NetworkViewer>> _requests = new(MostWaiting);
    private Thread? _thread;

    /// <summary>Runs a request when its turn comes.</summary>
    /// <exception cref="ServingException">Too many requests wait, or the model has no view.</exception>
    public Task<T> RunAsync<T>(Func<NetworkViewer, T> view, CancellationToken cancellation)
    {
        if (model.WhyNoView is { } reason)
        {
            throw new ServingException(ServingError.Unimplemented, reason);
        }
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool waits = _requests.TryAdd(viewer => Complete(completion, viewer, view, cancellation));
        if (!waits)
        {
            throw new ServingException(
                ServingError.Unavailable,
                "too many network views are waiting. Try again later."
            );
        }
        lock (_lock)
        {
            if (_thread is null)
            {
                _thread = new Thread(Run) { Name = $"view {name}", IsBackground = true };
                _thread.Start();
            }
        }
        return completion.Task;
    }

    /// <summary>Ends the thread after the requests that wait.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        _thread?.Join();
        _requests.Dispose();
    }

    private void Run()
    {
        NetworkViewer? viewer = null;
        foreach (Action<NetworkViewer> request in _requests.GetConsumingEnumerable())
        {
            try
            {
                viewer ??= model.CreateViewer();
            }
            catch (LaminaException)
            {
                // Each request says so.
            }
            request(viewer!);
        }
        viewer?.Dispose();
    }

    private static void Complete<T>(
        TaskCompletionSource<T> completion,
        NetworkViewer? viewer,
        Func<NetworkViewer, T> view,
        CancellationToken cancellation
    )
    {
        if (cancellation.IsCancellationRequested)
        {
            completion.SetCanceled(cancellation);
            return;
        }
        try
        {
            completion.SetResult(
                viewer is null
                    ? throw new ServingException(
                        ServingError.Unimplemented,
                        "this network cannot be copied to look inside it."
                    )
                    : view(viewer)
            );
        }
        catch (Exception e)
        {
            completion.SetException(e);
        }
    }
}
