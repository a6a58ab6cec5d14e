using Lamina.Torch.Cpu;
using Lamina.Torch.Kernels;
using Lamina.Torch.Kernels.Mixed;

namespace Lamina.Torch;

/// <summary>Maps devices to the factories of their kernels.</summary>
internal static class Backends
{
    // The CPU's loops are for float32; libtorch's ops compute with the types that a GPU would.
    private static readonly MixedKernels s_mixedCpu = new(CpuKernels.Instance, computesReduced: false);
    private static readonly MixedKernels s_mixed = new(DispatcherKernels.Instance, computesReduced: true);

    /// <summary>Returns the factory of a device's kernels in a precision.</summary>
    public static KernelFactory For(Device device, ComputePrecision precision = ComputePrecision.Float32) =>
        precision != ComputePrecision.BFloat16 ? For(device)
        : device.Kind == DeviceKind.Cpu ? s_mixedCpu
        : s_mixed;

    private static KernelFactory For(Device device) =>
        device.Kind switch
        {
            DeviceKind.Cpu => CpuKernels.Instance,
            _ => DispatcherKernels.Instance,
        };
}
