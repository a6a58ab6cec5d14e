using System.Runtime.CompilerServices;
using static Lamina.Gpu.Driver.DriverFunctions;

namespace Lamina.Gpu.Driver;

/// <summary>Memory of the GPU whose context is current.</summary>
/// <param name="bytes">The size.</param>
internal sealed unsafe class CudaBuffer(int bytes) : IDisposable
{
    /// <summary>The address in the GPU's memory.</summary>
    public nint Address { get; private set; } = Allocate(bytes);

    /// <summary>Copies values to a new buffer.</summary>
    public static CudaBuffer Of(Array values)
    {
        int bytes = Buffer.ByteLength(values);
        var buffer = new CudaBuffer(bytes);
        fixed (byte* source = &System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(values))
        {
            Check(cuMemcpyHtoD_v2(buffer.Address, source, (nuint)bytes), nameof(cuMemcpyHtoD_v2));
        }
        return buffer;
    }

    /// <summary>Copies the content to an array of its size.</summary>
    public void CopyTo(Array values)
    {
        fixed (byte* target = &System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(values))
        {
            Check(cuMemcpyDtoH_v2(target, Address, (nuint)Buffer.ByteLength(values)), nameof(cuMemcpyDtoH_v2));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Address != 0)
        {
            _ = cuMemFree_v2(Address);
            Address = 0;
        }
    }

    private static nint Allocate(int bytes)
    {
        Check(cuMemAlloc_v2(out nint address, (nuint)Math.Max(bytes, Unsafe.SizeOf<long>())), nameof(cuMemAlloc_v2));
        return address;
    }
}
