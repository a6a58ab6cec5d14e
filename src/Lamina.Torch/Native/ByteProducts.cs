using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch;

/// <summary>
/// The processor's support for products of bytes. Without VNNI, oneDNN multiplies by <c>vpmaddubsw</c>, which adds two
/// products in 16 bits and saturates: twice 255 · 127 is 64,770, but yields 32,767.
/// </summary>
internal static class ByteProducts
{
    private const int Features = 7;
    private const int Avx512VnniBit = 11;
    private const int AvxVnniBit = 4;

    /// <summary><see langword="true"/> if the processor sums products of bytes in 32 bits.</summary>
    public static bool AreExact { get; } = HasAvx512Vnni() || HasAvxVnni();

    // IsSupported says that the operating system saves the registers, which the processor's own bits do not.
    private static bool HasAvx512Vnni() =>
        Avx512BW.IsSupported && ((X86Base.CpuId(Features, 0).Ecx >> Avx512VnniBit) & 1) == 1;

    private static bool HasAvxVnni() =>
        Avx2.IsSupported
        && X86Base.CpuId(Features, 0).Eax >= 1
        && ((X86Base.CpuId(Features, 1).Eax >> AvxVnniBit) & 1) == 1;
}
