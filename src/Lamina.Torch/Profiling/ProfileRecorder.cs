using System.Diagnostics;
using Lamina.Torch;

namespace Lamina;

/// <summary>Records the times of the parts of steps, which have the same order in each step.</summary>
internal sealed class ProfileRecorder(int batch, string optimizer, int slots) : IPlanObserver
{
    private readonly List<(KernelTime Kernel, List<double> Ticks)> _kernels = [];
    private readonly List<double> _steps = [];
    private readonly List<double> _loops = [];
    private readonly List<double> _idle = [];
    private int _next;

    public IReadOnlyList<double> Steps => _steps;

    /// <summary>The number of parallel loops of each step.</summary>
    public IReadOnlyList<double> Loops => _loops;

    /// <summary>The share of the threads' time of each step in which they did not compute.</summary>
    public IReadOnlyList<double> Idle => _idle;

    /// <summary>The kernels with their medians.</summary>
    public IReadOnlyList<KernelTime> Kernels =>
        [.. _kernels.Select(k => k.Kernel with { Time = Span(Medians.Of(k.Ticks)) })];

    public static TimeSpan Span(double ticks) => TimeSpan.FromSeconds(ticks / Stopwatch.Frequency);

    /// <summary>Discards the recorded times.</summary>
    public void Clear()
    {
        _kernels.Clear();
        _steps.Clear();
        _loops.Clear();
        _idle.Clear();
    }

    /// <summary>Times a step.</summary>
    public void Time(Action step)
    {
        _next = 0;
        var meter = new LoopMeter();
        long started = Stopwatch.GetTimestamp();
        using (meter.Count())
        {
            step();
        }
        long time = Stopwatch.GetTimestamp() - started;
        _steps.Add(time);
        _loops.Add(meter.Loops);
        _idle.Add(meter.IdleShare(time, TorchLibrary.Threads));
    }

    /// <inheritdoc/>
    public void Ran(StepPart part, PlanStep step, long started)
    {
        long now = Stopwatch.GetTimestamp();
        Add(now - started, () => KernelWork.Describe(part, step, batch));
    }

    /// <inheritdoc/>
    public void Updated(Weight weight, long started)
    {
        long now = Stopwatch.GetTimestamp();
        // The weight and its slots are read and written, the gradient is read.
        long bytes = weight.Count * sizeof(float) * (3 + (2 * slots));
        Add(
            now - started,
            () => new KernelTime(StepPart.Update, weight.Layer.Name, weight.Name, optimizer, default, 0, bytes)
        );
    }

    /// <inheritdoc/>
    public void Did(StepPart part, long started)
    {
        long now = Stopwatch.GetTimestamp();
        Add(
            now - started,
            () =>
                part == StepPart.Feed
                    ? new KernelTime(part, "", "input", "copy", default, 0, 0)
                    : new KernelTime(part, "", "loss", "", default, 0, 0)
        );
    }

    private void Add(long ticks, Func<KernelTime> describe)
    {
        if (_next == _kernels.Count)
        {
            _kernels.Add((describe(), []));
        }
        _kernels[_next++].Ticks.Add(ticks);
    }
}
