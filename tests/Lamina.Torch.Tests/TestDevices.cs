namespace Lamina.Torch.Tests;

/// <summary>The backends that run on any machine: both must pass what one passes.</summary>
internal static class TestDevices
{
    /// <summary>The processor's own kernels, and the dispatcher's.</summary>
    public static readonly Device[] All = [Device.Cpu, Device.Portable];
}
