namespace Lamina;

/// <summary>The session of each flow of control, or one for all flows that have none of their own.</summary>
internal sealed class SessionStore
{
    // A value that is replaced, never an object that is modified: the copies that other flows hold must not change.
    private readonly AsyncLocal<SessionState?> _own = new();
    private readonly Lock _lock = new();
    private SessionState? _shared;

    /// <summary>The session of the calling flow.</summary>
    public SessionState State => _own.Value ?? Volatile.Read(ref _shared) ?? SessionState.Initial;

    /// <summary>Replaces the session of the calling flow.</summary>
    /// <returns>The session before.</returns>
    public SessionState Update(Func<SessionState, SessionState> change)
    {
        if (_own.Value is not { } before)
        {
            lock (_lock)
            {
                if (_shared is { } shared)
                {
                    _shared = change(shared);
                    return shared;
                }
            }
            before = SessionState.Initial;
        }
        _own.Value = change(before);
        return before;
    }

    /// <summary>Shares the session of the calling flow with all flows that have none of their own.</summary>
    public void Share()
    {
        lock (_lock)
        {
            _shared ??= State;
        }
        _own.Value = null;
    }

    /// <summary>Begins a session of the calling flow's own. Disposing the result restores what was before.</summary>
    public IDisposable Begin(SessionState state)
    {
        var scope = new Scope(_own, _own.Value);
        _own.Value = state;
        return scope;
    }

    private sealed class Scope(AsyncLocal<SessionState?> own, SessionState? outer) : IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                own.Value = outer;
            }
        }
    }
}
