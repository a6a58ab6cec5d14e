using static Lamina.Gpu.Driver.DriverFunctions;

namespace Lamina.Gpu.Driver;

/// <summary>
/// The primary context of a GPU, current on this thread until it is disposed. It is the one that libtorch uses, so kernels that are
/// loaded here can read libtorch's tensors and be launched on its streams.
/// </summary>
internal sealed class CudaContext : IDisposable
{
    private readonly int _device;

    /// <summary>Makes the primary context of a GPU current.</summary>
    /// <param name="index">The index of the GPU, from 0.</param>
    /// <exception cref="DriverException">There is no such GPU.</exception>
    public CudaContext(int index)
    {
        Check(cuInit(0), nameof(cuInit));
        Check(cuDeviceGet(out _device, index), nameof(cuDeviceGet));
        Check(cuDevicePrimaryCtxRetain(out nint context, _device), nameof(cuDevicePrimaryCtxRetain));
        Check(cuCtxPushCurrent_v2(context), nameof(cuCtxPushCurrent_v2));
    }

    /// <summary>Waits until all work of the GPU is done.</summary>
    /// <exception cref="DriverException">A kernel failed.</exception>
#pragma warning disable CA1822 // Of the context that this object has made current.
    public void Synchronize() => Check(cuCtxSynchronize(), nameof(cuCtxSynchronize));
#pragma warning restore CA1822

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = cuCtxPopCurrent_v2(out _);
        _ = cuDevicePrimaryCtxRelease_v2(_device);
    }
}
