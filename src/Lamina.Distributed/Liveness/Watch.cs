using System.Diagnostics;

namespace Lamina.Distributed.Liveness;

/// <summary>One rank's side of the heartbeat: sends signs of life, and decides that the job has ended.</summary>
/// <param name="options">The times.</param>
internal abstract class Watch(LivenessOptions options) : IDisposable
{
    /// <summary>The longest wait for another rank's own account of a failure.</summary>
    protected static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim _end = new();
    private Thread? _thread;
    private int _isOver;

    /// <summary>Called once when the job ends early.</summary>
    public required Action<JobEnd> OnEnd { get; init; }

    /// <summary>The times.</summary>
    protected LivenessOptions Options => options;

    /// <summary><see langword="true"/> once the job has ended, in order or not.</summary>
    protected bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>Tells the other ranks that this one has failed, so that they end as well.</summary>
    /// <param name="message">The error, one line.</param>
    /// <returns><see langword="true"/> if this rank is to print it.</returns>
    public abstract bool Fail(string message);

    /// <summary>Starts to send signs of life and to check those of others.</summary>
    protected void Start()
    {
        _thread = new Thread(Run)
        {
            IsBackground = true,
            Name = "Lamina heartbeat",
            Priority = ThreadPriority.Highest,
        };
        _thread.Start();
    }

    /// <summary>Sends signs of life.</summary>
    protected abstract void Beat();

    /// <summary>Checks the others'.</summary>
    protected abstract void Check();

    /// <summary>Counts all silence from now.</summary>
    protected abstract void Forgive();

    /// <summary>Marks the job as ended.</summary>
    /// <returns><see langword="true"/> if it had not.</returns>
    protected bool TryEnd() => Interlocked.Exchange(ref _isOver, 1) == 0;

    private void Run()
    {
        long last = Stopwatch.GetTimestamp();
        while (!_end.Wait(options.Interval))
        {
            // If this process itself was stopped, others' signs of life wait unread.
            bool wasStopped = Stopwatch.GetElapsedTime(last) > options.Interval * 3;
            last = Stopwatch.GetTimestamp();
            Beat();
            if (wasStopped)
            {
                Forgive();
            }
            else if (!IsOver)
            {
                Check();
            }
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _end.Set();
        _thread?.Join();
    }
}
