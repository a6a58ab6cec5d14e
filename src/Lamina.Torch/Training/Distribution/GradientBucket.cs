using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>Gradients that are summed by one call, in a buffer that is reused; or one gradient, summed where it is.</summary>
internal sealed unsafe class GradientBucket
{
    private void* _buffer;
    private float[] _copy = [];
    private long _capacity;
    private bool _isRounded;

    /// <summary>The gradients, in the order of the buffer.</summary>
    public List<(Weight Weight, Tensor Gradient)> Parts { get; set; } = [];

    /// <summary>The bytes that are sent.</summary>
    public long Bytes { get; set; }

    /// <summary>Completes when the sums have arrived.</summary>
    public Task? Sum { get; set; }

    /// <summary>The timestamp when the bucket was ready; 0 if nobody asks.</summary>
    public long Queued { get; set; }

    /// <summary>The timestamp when the sums had arrived.</summary>
    public Task<long>? Finished { get; set; }

    /// <summary>Copies the gradients to the buffer.</summary>
    public float* Gather(long count)
    {
        Reserve(count * sizeof(float));
        _isRounded = false;
        var buffer = (float*)_buffer;
        foreach ((_, Tensor gradient) in Parts)
        {
            gradient.CopyTo(new Span<float>(buffer, checked((int)gradient.Count)));
            buffer += gradient.Count;
        }
        return (float*)_buffer;
    }

    /// <summary>Rounds the gradients to bfloat16 in the buffer.</summary>
    public ushort* Round(long count, ErrorFeedback feedback)
    {
        Reserve(count * sizeof(ushort));
        _isRounded = true;
        var buffer = (ushort*)_buffer;
        foreach ((Weight weight, Tensor gradient) in Parts)
        {
            var target = new Span<ushort>(buffer, checked((int)gradient.Count));
            if (gradient is { IsCpuFloat: true, IsContiguous: true })
            {
                feedback.Round(weight, gradient.AsSpan(), target);
            }
            else
            {
                Span<float> copy = Copy(target.Length);
                gradient.CopyTo(copy);
                feedback.Round(weight, copy, target);
            }
            buffer += gradient.Count;
        }
        return (ushort*)_buffer;
    }

    /// <summary>Copies the sums back to the gradients.</summary>
    public void Scatter()
    {
        if (_buffer is null)
        {
            return;
        }
        long at = 0;
        foreach ((_, Tensor gradient) in Parts)
        {
            int count = checked((int)gradient.Count);
            if (!_isRounded)
            {
                gradient.CopyFrom(new ReadOnlySpan<float>((float*)_buffer + at, count));
            }
            else
            {
                Span<float> copy = Copy(count);
                BFloat16Values.Widen(new ReadOnlySpan<ushort>((ushort*)_buffer + at, count), copy);
                gradient.CopyFrom(copy);
            }
            at += count;
        }
    }

    /// <summary>Frees the buffer.</summary>
    public void Free()
    {
        NativeMemory.Free(_buffer);
        _buffer = null;
        _capacity = 0;
    }

    private Span<float> Copy(int count)
    {
        if (_copy.Length < count)
        {
            _copy = GC.AllocateUninitializedArray<float>(count);
        }
        return _copy.AsSpan(0, count);
    }

    private void Reserve(long bytes)
    {
        Bytes = bytes;
        if (bytes > _capacity)
        {
            Free();
            _buffer = NativeMemory.Alloc((nuint)bytes);
            _capacity = bytes;
        }
    }
}
