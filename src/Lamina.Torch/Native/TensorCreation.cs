using System.Buffers;
using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

internal sealed unsafe partial class Tensor
{
    /// <summary>Creates an uninitialized tensor in the CPU's memory.</summary>
    public static Tensor Empty(ReadOnlySpan<long> sizes, DType dtype = DType.Float32) =>
        Empty(sizes, dtype, Device.Cpu);

    /// <summary>Creates an uninitialized tensor in a device's memory.</summary>
    public static Tensor Empty(ReadOnlySpan<long> sizes, DType dtype, Device device)
    {
        Span<long> strides = stackalloc long[sizes.Length];
        Contiguous(sizes, strides);
        TorchLibrary.Use();
        nint handle;
        fixed (long* size = sizes)
        fixed (long* stride = strides)
        {
            int rc;
            if (device.IsCpu && BlockPool.TryRent(ByteCount(sizes, dtype), out nint block))
            {
                rc = aoti_torch_create_tensor_from_blob(
                    (void*)block,
                    sizes.Length,
                    size,
                    stride,
                    0,
                    (int)dtype,
                    device.Type,
                    device.Index,
                    &handle
                );
            }
            else
            {
                rc = aoti_torch_empty_strided(
                    sizes.Length,
                    size,
                    stride,
                    (int)dtype,
                    device.Type,
                    device.Index,
                    &handle
                );
            }
            if (rc != 0)
            {
                throw new TorchException(
                    $"libtorch could not create a {dtype} tensor [{Join(sizes)}] on {device}: out of memory, or no such device. "
                        + "Use a smaller batch, or another device."
                );
            }
        }
        return new Tensor(handle);
    }

    /// <summary>Creates a tensor over memory that does not move, such as a mapped file's, and keeps that memory alive.</summary>
    /// <param name="memory">The elements. Its manager must return the same address each time it is pinned.</param>
    /// <param name="sizes">The dimensions.</param>
    public static Tensor Over(Memory<float> memory, ReadOnlySpan<long> sizes)
    {
        Span<long> strides = stackalloc long[sizes.Length];
        Contiguous(sizes, strides);
        TorchLibrary.Use();
        using MemoryHandle pinned = memory.Pin();
        nint handle;
        fixed (long* size = sizes)
        fixed (long* stride = strides)
        {
            Check(
                aoti_torch_create_tensor_from_blob(
                    pinned.Pointer,
                    sizes.Length,
                    size,
                    stride,
                    0,
                    (int)DType.Float32,
                    Device.Cpu.Type,
                    Device.Cpu.Index,
                    &handle
                )
            );
        }
        var result = new Tensor(handle);
        result._live.Owner = memory;
        return result;
    }

    /// <summary>Creates a tensor of zeros in the CPU's memory.</summary>
    public static Tensor Zeros(ReadOnlySpan<long> sizes, DType dtype = DType.Float32) =>
        Zeros(sizes, dtype, Device.Cpu);

    /// <summary>Creates a tensor of zeros in a device's memory.</summary>
    public static Tensor Zeros(ReadOnlySpan<long> sizes, DType dtype, Device device)
    {
        Tensor result = Empty(sizes, dtype, device);
        result.Zero();
        return result;
    }

    /// <summary>Copies values into a new tensor in the CPU's memory.</summary>
    public static Tensor FromSpan(ReadOnlySpan<float> values, ReadOnlySpan<long> sizes) =>
        FromSpan(values, sizes, Device.Cpu);

    /// <summary>Copies values into a new tensor in a device's memory.</summary>
    public static Tensor FromSpan(ReadOnlySpan<float> values, ReadOnlySpan<long> sizes, Device device)
    {
        Tensor result = Empty(sizes, DType.Float32, device);
        result.CopyFrom(values);
        return result;
    }

    /// <summary>
    /// Creates a tensor without dimensions on the CPU; it can be combined with tensors of any type and device.
    /// </summary>
    public static Tensor Scalar(double value)
    {
        TorchLibrary.Use();
        nint handle;
        Check(aoti_torch_scalar_to_tensor_float64(value, &handle));
        return new Tensor(handle);
    }
}
