using System.Runtime.CompilerServices;

namespace Lamina.Torch.Tests;

/// <summary>Has every use of a packed weight, in all tests, compare it with the weight.</summary>
internal static class CheckedPacking
{
    [ModuleInitializer]
    internal static void Begin() => PackedWeights.Verify = true;
}
