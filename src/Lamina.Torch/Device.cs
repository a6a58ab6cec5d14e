using System.Globalization;

namespace Lamina;

/// <summary>The kinds of devices that run a model.</summary>
public enum DeviceKind
{
    /// <summary>The CPU, with kernels written for it.</summary>
    Cpu,

    /// <summary>The CPU, with the kernels that every device has.</summary>
    Portable,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,
}

/// <summary>The device that runs a model. Default: <see cref="Cpu"/>.</summary>
/// <remarks>
/// Weights move to the device at the first step there and stay until another device needs them. A checkpoint does not
/// depend on the device.
/// </remarks>
public readonly record struct Device
{
    private const string CpuName = "cpu";
    private const string PortableName = "portable";
    private const string CudaName = "cuda";

    private Device(DeviceKind kind, int index) => (Kind, Index) = (kind, index);

    /// <summary>The kind of device.</summary>
    public DeviceKind Kind { get; }

    /// <summary>The index among the devices of this kind, from 0.</summary>
    public int Index { get; }

    /// <summary>The CPU, with kernels written for it.</summary>
    public static Device Cpu => default;

    /// <summary>
    /// The CPU, with the kernels that every device has: only libtorch's ops. Slower than <see cref="Cpu"/>; it computes
    /// what a GPU would, so that a GPU's kernels can be tested without one.
    /// </summary>
    public static Device Portable => new(DeviceKind.Portable, 0);

    /// <summary>Returns an NVIDIA GPU.</summary>
    /// <param name="index">The index of the GPU, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is below 0.</exception>
    public static Device Cuda(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new Device(DeviceKind.Cuda, index);
    }

    /// <summary>Reads a device's name: <c>cpu</c>, <c>portable</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <exception cref="LaminaException">The name is unknown.</exception>
    public static Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out Device device)
            ? device
            : throw new LaminaException(
                $"unknown device \"{text}\". Use cpu, portable, cuda, or cuda:N with N from 0."
            );
    }

    /// <summary>Reads a device's name.</summary>
    /// <param name="text">The name, in lower case or upper case.</param>
    /// <param name="device">Receives the device; <see cref="Cpu"/> if the name is unknown.</param>
    /// <returns><see langword="true"/> if the name is known.</returns>
    public static bool TryParse(string? text, out Device device)
    {
        device = default;
        string[] parts = text?.ToLowerInvariant().Split(':') ?? [];
        switch (parts)
        {
            case [CpuName]:
                return true;
            case [PortableName]:
                device = Portable;
                return true;
            case [CudaName]:
                device = Cuda();
                return true;
            case [CudaName, var number]
                when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index):
                device = Cuda(index);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The device whose memory this one computes in: <see cref="Cpu"/> for <see cref="Portable"/>.</summary>
    internal Device Memory => Kind == DeviceKind.Portable ? Cpu : this;

    /// <summary>libtorch's number of the kind of memory: 0 for the CPU's, 1 for a GPU's.</summary>
    internal int Type => Kind == DeviceKind.Cuda ? 1 : 0;

    /// <summary><see langword="true"/> if the CPU can read the memory.</summary>
    internal bool IsCpu => Kind != DeviceKind.Cuda;

    /// <summary>Returns the name that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        Kind switch
        {
            DeviceKind.Cpu => CpuName,
            DeviceKind.Portable => PortableName,
            _ => string.Create(CultureInfo.InvariantCulture, $"{CudaName}:{Index}"),
        };
}
