using Lamina.Torch.Cpu;
using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>Maps devices to the factories of their kernels.</summary>
internal static class Backends
{
    /// <summary>Returns the factory of a device's kernels.</summary>
    public static KernelFactory For(Device device) =>
        device.Kind switch
        {
            DeviceKind.Cpu => CpuKernels.Instance,
            _ => DispatcherKernels.Instance,
        };
}
