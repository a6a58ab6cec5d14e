using System.Diagnostics;

namespace Lamina.Torch;

/// <summary>
/// Sums gradients over ranks while the backward pass runs: large ones by themselves, small ones together. The order is
/// that of the backward pass, which is the same on all ranks.
/// </summary>
internal sealed unsafe class GradientReducer(Distribution distribution) : IDisposable
{
    private readonly ICommunicator _ranks = distribution.Communicator;
    private readonly ErrorFeedback? _feedback =
        distribution.GradientPrecision == GradientPrecision.BFloat16 ? new ErrorFeedback() : null;
    private readonly Queue<GradientBucket> _sent = [];
    private readonly List<GradientBucket> _buffered = [];
    private List<(Weight Weight, Tensor Gradient)> _open = [];
    private long _openCount;
    private int _used;

    /// <summary>Adds a gradient that is final. Updates the weights whose sums have arrived meanwhile.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">Its gradient, which this object owns from now on.</param>
    /// <param name="update">Called with weights and the sums of their gradients, which it owns.</param>
    public void Add(Weight weight, Tensor gradient, Action<Weight, Tensor> update)
    {
        if (_feedback is null && gradient.IsCpuFloat && gradient.Count * sizeof(float) >= distribution.BucketBytes)
        {
            // Summed where it is.
            var bucket = new GradientBucket { Parts = [(weight, gradient)], Bytes = gradient.Count * sizeof(float) };
            Send(bucket, _ranks.AllReduceAsync((nint)gradient.WriteData(), gradient.Count));
        }
        else
        {
            if (gradient.Count * sizeof(float) >= distribution.BucketBytes)
            {
                SendOpen();
            }
            _open.Add((weight, gradient));
            _openCount += gradient.Count;
            if (_openCount * sizeof(float) >= distribution.BucketBytes)
            {
                SendOpen();
            }
        }
        while (_sent.TryPeek(out GradientBucket? first) && first.Sum!.IsCompleted)
        {
            Finish(_sent.Dequeue(), update);
        }
    }

    /// <summary>Sends the rest, and updates all other weights.</summary>
    public void Complete(Action<Weight, Tensor> update)
    {
        SendOpen();
        while (_sent.TryDequeue(out GradientBucket? bucket))
        {
            Finish(bucket, update);
        }
        _used = 0;
    }

    private void SendOpen()
    {
        if (_open.Count == 0)
        {
            return;
        }
        if (_used == _buffered.Count)
        {
            _buffered.Add(new GradientBucket());
        }
        GradientBucket bucket = _buffered[_used++];
        (bucket.Parts, _open) = (_open, []);
        if (_feedback is null)
        {
            float* values = bucket.Gather(_openCount);
            Send(bucket, _ranks.AllReduceAsync((nint)values, _openCount));
        }
        else
        {
            ushort* values = bucket.Round(_openCount, _feedback);
            Send(bucket, _ranks.AllReduceBFloat16Async((nint)values, _openCount));
        }
        _openCount = 0;
    }

    private void Send(GradientBucket bucket, Task sum)
    {
        bucket.Sum = sum;
        if (distribution.OnReduced is not null)
        {
            bucket.Queued = Stopwatch.GetTimestamp();
            bucket.Finished = sum.ContinueWith(
                static _ => Stopwatch.GetTimestamp(),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
        _sent.Enqueue(bucket);
    }

    private void Finish(GradientBucket bucket, Action<Weight, Tensor> update)
    {
        bucket.Sum!.GetAwaiter().GetResult();
        if (distribution.OnReduced is { } onReduced)
        {
            onReduced(
                new ReducedBucket(
                    [.. bucket.Parts.Select(p => $"{p.Weight.Layer.Name}/{p.Weight.Name}")],
                    bucket.Bytes,
                    bucket.Queued,
                    bucket.Finished!.GetAwaiter().GetResult()
                )
            );
        }
        bucket.Scatter();
        foreach ((Weight weight, Tensor gradient) in bucket.Parts)
        {
            update(weight, gradient);
        }
        bucket.Parts = [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What is still being sent is not freed: another thread reads and writes it.
        if (_sent.Count == 0)
        {
            _buffered.ForEach(b => b.Free());
            _buffered.Clear();
        }
    }
}
