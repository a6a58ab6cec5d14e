using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

internal sealed unsafe partial class Tensor
{
    /// <summary>Returns the elements of a contiguous float32 tensor on the CPU for reading; fewer than 2³¹.</summary>
    public ReadOnlySpan<float> AsSpan() => new(ReadData, checked((int)Count));

    /// <summary>
    /// Returns the elements of a contiguous float32 tensor on the CPU for writing; fewer than 2³¹; counts as a write.
    /// </summary>
    public Span<float> WriteSpan() => new(WriteData(), checked((int)Count));

    /// <summary>
    /// Returns the elements of a contiguous tensor of any type on the CPU for reading; fewer than 2³¹.
    /// </summary>
    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged => Memory<T>();

    /// <summary>
    /// Returns the elements of a contiguous tensor of any type on the CPU for writing; fewer than 2³¹; counts as a
    /// write.
    /// </summary>
    public Span<T> WriteElements<T>()
        where T : unmanaged
    {
        Span<T> elements = Memory<T>();
        MarkWritten();
        return elements;
    }

    private Span<T> Memory<T>()
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        return Device.IsCpu && IsContiguous && sizeof(T) == DType.Size()
            ? new Span<T>(_data, checked((int)Count))
            : throw new InvalidOperationException($"{this} has no elements of {typeof(T).Name} to read on the CPU.");
    }

    /// <summary>Sets every element to 0.</summary>
    public void Zero()
    {
        TorchLibrary.Use();
        Check(aoti_torch_zero_(Handle));
        MarkWritten();
        GC.KeepAlive(this);
    }

    /// <summary>Sets every element.</summary>
    public void Fill(double value)
    {
        TorchLibrary.Use();
        Check(aoti_torch_aten_fill__Scalar(Handle, value));
        MarkWritten();
        GC.KeepAlive(this);
    }

    /// <summary>Copies from a tensor with the same sizes, on any device and of any type.</summary>
    public void CopyFrom(Tensor source)
    {
        RequireSizes(source.Sizes);
        TorchLibrary.Use();
        Check(aoti_torch_copy_(Handle, source.Handle, 0));
        MarkWritten();
        GC.KeepAlive(this);
        GC.KeepAlive(source);
    }

    /// <summary>Copies from float32 values in the CPU's memory.</summary>
    public void CopyFrom(ReadOnlySpan<float> values)
    {
        RequireCount(values.Length);
        if (IsCpuFloat && IsContiguous)
        {
            values.CopyTo(WriteSpan());
            MarkWritten();
            return;
        }
        using Tensor host = Empty(_sizes);
        values.CopyTo(host.WriteSpan());
        CopyFrom(host);
    }

    /// <summary>Copies the values to a buffer as float32.</summary>
    public void CopyTo(Span<float> values)
    {
        RequireCount(values.Length);
        HostReads.Add();
        if (IsCpuFloat && IsContiguous)
        {
            AsSpan().CopyTo(values);
            return;
        }
        using Tensor host = Empty(_sizes);
        host.CopyFrom(this);
        host.AsSpan().CopyTo(values);
    }

    /// <summary>
    /// Returns the values in the CPU's memory: a second tensor over this storage, or a copy of a GPU's.
    /// </summary>
    public Tensor ToHost()
    {
        HostReads.Add();
        if (Device.IsCpu)
        {
            return Duplicate();
        }
        Tensor host = Empty(_sizes, DType);
        host.CopyFrom(this);
        return host;
    }
}
