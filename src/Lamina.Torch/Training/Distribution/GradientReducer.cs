using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Sums gradients over ranks while the backward pass goes on: large ones by themselves where they are, small ones together in
/// a buffer. The order is that of the backward pass, which is the same on all ranks.
/// </summary>
internal sealed unsafe class GradientReducer(ICommunicator communicator, int bucketBytes) : IDisposable
{
    private readonly Queue<Bucket> _sent = [];
    private readonly List<Bucket> _buffered = [];
    private List<(Weight Weight, Tensor Gradient)> _open = [];
    private long _openCount;
    private int _used;

    /// <summary>Adds a gradient that is final. Updates the weights whose sums have arrived meanwhile.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">Its gradient, which this object owns from now on.</param>
    /// <param name="update">Called with weights and the sums of their gradients, which it owns.</param>
    public void Add(Weight weight, Tensor gradient, Action<Weight, Tensor> update)
    {
        if (gradient.IsCpuFloat && gradient.Count * sizeof(float) >= bucketBytes)
        {
            var bucket = new Bucket { Parts = [(weight, gradient)] };
            bucket.Sum = communicator.AllReduceAsync((nint)gradient.WriteData(), gradient.Count);
            _sent.Enqueue(bucket);
        }
        else
        {
            _open.Add((weight, gradient));
            _openCount += gradient.Count;
            if (_openCount * sizeof(float) >= bucketBytes)
            {
                SendOpen();
            }
        }
        while (_sent.TryPeek(out Bucket? first) && first.Sum!.IsCompleted)
        {
            Finish(_sent.Dequeue(), update);
        }
    }

    /// <summary>Sends the rest, and updates all other weights.</summary>
    public void Complete(Action<Weight, Tensor> update)
    {
        SendOpen();
        while (_sent.TryDequeue(out Bucket? bucket))
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
            _buffered.Add(new Bucket());
        }
        Bucket bucket = _buffered[_used++];
        bucket.Reserve(_openCount);
        (bucket.Parts, _open) = (_open, []);
        long at = 0;
        foreach ((_, Tensor gradient) in bucket.Parts)
        {
            gradient.CopyTo(new Span<float>(bucket.Buffer + at, checked((int)gradient.Count)));
            at += gradient.Count;
        }
        bucket.Sum = communicator.AllReduceAsync((nint)bucket.Buffer, at);
        _sent.Enqueue(bucket);
        _openCount = 0;
    }

    private static void Finish(Bucket bucket, Action<Weight, Tensor> update)
    {
        bucket.Sum!.GetAwaiter().GetResult();
        long at = 0;
        foreach ((Weight weight, Tensor gradient) in bucket.Parts)
        {
            if (bucket.Buffer is not null)
            {
                gradient.CopyFrom(new ReadOnlySpan<float>(bucket.Buffer + at, checked((int)gradient.Count)));
                at += gradient.Count;
            }
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

    /// <summary>Gradients that are summed by one call.</summary>
    private sealed class Bucket
    {
        private long _capacity;

        public List<(Weight Weight, Tensor Gradient)> Parts { get; set; } = [];

        /// <summary>The gradients one after the other; null if there is one, which is summed in place.</summary>
        public float* Buffer { get; private set; }

        public Task? Sum { get; set; }

        public void Reserve(long count)
        {
            if (count > _capacity)
            {
                Free();
                Buffer = (float*)NativeMemory.Alloc((nuint)count, sizeof(float));
                _capacity = count;
            }
        }

        public void Free()
        {
            NativeMemory.Free(Buffer);
            Buffer = null;
            _capacity = 0;
        }
    }
}
