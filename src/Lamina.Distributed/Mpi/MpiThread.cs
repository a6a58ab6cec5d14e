using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Lamina.Distributed.Mpi;

/// <summary>
/// The thread that makes all calls of MPI, in the order in which they are requested. It moves data while other threads
/// compute, and needs no thread support of the library.
/// </summary>
internal sealed partial class MpiThread : IDisposable
{
    private readonly BlockingCollection<(Action<MpiThread> Body, TaskCompletionSource Done)> _work = [];
    private readonly Thread _thread;
    private MpiLibrary? _library;
    private MpiCalls? _calls;
    private long _begun;

    public MpiThread()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "Lamina MPI" };
        _thread.Start();
    }

    /// <summary>The functions; for use on this thread.</summary>
    public MpiCalls Calls => _calls!;

    /// <summary>The number of calls that were begun.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>Starts MPI on the thread.</summary>
    public void Start(MpiLibrary library) =>
        Run(t =>
        {
            t._library = library;
            t._calls = library.Start();
        });

    /// <summary>Ends MPI.</summary>
    public void End() => Run(t => t._library?.End());

    /// <summary>Runs calls on the thread, and waits for them.</summary>
    public void Run(Action<MpiThread> body) => RunAsync(body).GetAwaiter().GetResult();

    /// <summary>Runs calls on the thread.</summary>
    public Task RunAsync(Action<MpiThread> body)
    {
        var done = new TaskCompletionSource();
        _work.Add((body, done));
        return done.Task;
    }

    /// <summary>Begins a call, and waits until it is complete.</summary>
    /// <param name="code">The return code of the function that began it.</param>
    /// <param name="function">The name of the function.</param>
    /// <param name="isPrompt">
    /// <see langword="true"/> if all ranks have begun it and data flows; else the thread leaves the processor to others.
    /// </param>
    public void Await(int code, string function, bool isPrompt)
    {
        Interlocked.Increment(ref _begun);
        _library!.Check(code, function);
        for (int polls = 0; ; polls++)
        {
            code = Calls.Test(out bool done);
            _library.Check(code, function);
            if (done)
            {
                return;
            }
            if (isPrompt || polls < 20 || !OperatingSystem.IsLinux())
            {
                _ = Thread.Yield();
            }
            else
            {
                _ = Sleep((uint)Math.Min(50 + polls, 500));
            }
        }
    }

    private void Work()
    {
        foreach ((Action<MpiThread> body, TaskCompletionSource done) in _work.GetConsumingEnumerable())
        {
            try
            {
                body(this);
                done.SetResult();
            }
#pragma warning disable CA1031 // The caller receives it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);
}
