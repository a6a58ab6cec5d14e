using System.Runtime.InteropServices;
using System.Text;
using Lamina.Gpu.Ptx;
using static Lamina.Gpu.Driver.DriverFunctions;

namespace Lamina.Gpu.Driver;

/// <summary>A view of GPU memory as kernels receive it.</summary>
/// <param name="Address">The address of the first element.</param>
/// <param name="Length">The number of elements.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CudaView(nint Address, long Length);

/// <summary>A kernel that NVIDIA's driver has compiled for the GPU whose context is current.</summary>
internal sealed unsafe class CudaKernel : IDisposable
{
    /// <summary>The number of threads in a block, unless the kernel reads its group.</summary>
    public const int Threads = 256;

    private const int MostArguments = 16;
    private readonly nint _function;
    private nint _module;

    /// <summary>Loads a kernel.</summary>
    /// <exception cref="DriverException">The driver does not accept the PTX.</exception>
    public CudaKernel(PtxKernel kernel)
    {
        fixed (byte* text = Encoding.ASCII.GetBytes(kernel.Text + '\0'))
        {
            Check(cuModuleLoadData(out _module, text), nameof(cuModuleLoadData));
        }
        Check(cuModuleGetFunction(out _function, _module, kernel.Name), nameof(cuModuleGetFunction));
    }

    /// <summary>Launches one thread for each element.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="stream">The stream; 0 for the default one.</param>
    /// <param name="arguments">The arguments after the index, as bytes: views, numbers and structures.</param>
    public void Launch(int count, nint stream, params ReadOnlySpan<byte[]> arguments)
    {
        // The kernel's own check of its index reads the number of elements.
        byte[] extent = BitConverter.GetBytes(count);
        Launch((uint)((count + Threads - 1) / Threads), Threads, stream, [extent, .. arguments]);
    }

    /// <summary>Launches groups of threads of a kernel that reads its group and thread.</summary>
    /// <param name="groups">The number of groups.</param>
    /// <param name="threads">The number of threads in a group.</param>
    /// <param name="stream">The stream; 0 for the default one.</param>
    /// <param name="arguments">The arguments as bytes.</param>
    public void LaunchGroups(int groups, int threads, nint stream, params ReadOnlySpan<byte[]> arguments) =>
        Launch((uint)groups, (uint)threads, stream, arguments);

    private void Launch(uint groups, uint threads, nint stream, ReadOnlySpan<byte[]> arguments)
    {
        void** pointers = stackalloc void*[MostArguments];
        var pinned = new GCHandle[arguments.Length];
        try
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                pinned[i] = GCHandle.Alloc(arguments[i], GCHandleType.Pinned);
                pointers[i] = (void*)pinned[i].AddrOfPinnedObject();
            }
            Check(
                cuLaunchKernel(_function, groups, 1, 1, threads, 1, 1, 0, stream, pointers, null),
                nameof(cuLaunchKernel)
            );
        }
        finally
        {
            foreach (GCHandle handle in pinned)
            {
                if (handle.IsAllocated)
                {
                    handle.Free();
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_module != 0)
        {
            _ = cuModuleUnload(_module);
            _module = 0;
        }
    }
}
