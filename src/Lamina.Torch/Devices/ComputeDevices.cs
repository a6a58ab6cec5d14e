using Lamina.Torch;

namespace Lamina;

/// <summary>The devices of this machine that can run models.</summary>
public static class ComputeDevices
{
    /// <summary>The name that stands for <see cref="Best"/> in <see cref="Choose"/>.</summary>
    public const string Auto = "auto";

    /// <summary>
    /// The reason why no GPU can be used, with what to do about it, in one line; <see langword="null"/> if one can be used.
    /// </summary>
    /// <remarks>
    /// Libtorch is not loaded. Where its CUDA kernels are missing, an installed PyTorch is searched for by asking Python, once:
    /// the answer is kept in the user's cache folder until Python or its modules change.
    /// </remarks>
    /// <exception cref="TorchException">There is no libtorch, or LAMINA_LIBTORCH does not name one.</exception>
    public static string? NoGpuReason => TorchLibrary.NoGpuReason();

    /// <summary>The reason why the machine's GPU cannot be used; <see langword="null"/> if it can, or if there is none.</summary>
    internal static string? UnusedGpuReason => CudaDriver.Machine.Gpus.Count > 0 ? TorchLibrary.NoGpuReason() : null;

    /// <summary>
    /// Returns the first GPU that can be used, otherwise <see cref="Device.Cpu"/>. Fast on machines without NVIDIA's driver.
    /// </summary>
    /// <exception cref="TorchException">The machine has a GPU, but no libtorch can be found.</exception>
    public static Device Best()
    {
        if (CudaDriver.Machine.Gpus.Count == 0 || TorchLibrary.NoGpuReason() is not null)
        {
            return Device.Cpu;
        }
        return Device.Cuda(CudaDriver.Machine.Gpus.First(g => TorchLibrary.NoGpuReason(g.Index) is null).Index);
    }

    /// <summary>Reads a device's name: <c>auto</c> for <see cref="Best"/>, or one that <see cref="Device.Parse"/> reads.</summary>
    /// <exception cref="LaminaException">The name is unknown, or there is no libtorch.</exception>
    public static Device Choose(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return string.Equals(name, Auto, StringComparison.OrdinalIgnoreCase) ? Best()
            : Device.TryParse(name, out Device device) ? device
            : throw new LaminaException($"unknown device \"{name}\". Use auto, cpu, cuda, or cuda:N with N from 0.");
    }

    /// <summary>
    /// Returns the precision that <c>alexnet</c> uses on a device by default: bfloat16 on a GPU that multiplies it in hardware,
    /// otherwise float32.
    /// </summary>
    public static ComputePrecision DefaultPrecision(Device device) =>
        device.Kind == DeviceKind.Cuda
        && device.Index < CudaDriver.Machine.Gpus.Count
        && CudaDriver.Machine.Gpus[device.Index].HasBFloat16
            ? ComputePrecision.BFloat16
            : ComputePrecision.Float32;
}
