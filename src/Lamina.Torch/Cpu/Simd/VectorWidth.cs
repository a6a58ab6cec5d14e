namespace Lamina.Torch.Cpu;

/// <summary>The width of the vectors that the CPU backend's loops use.</summary>
internal static class VectorWidth
{
    /// <summary>The environment variable that limits the width: 128, 256 or 512 bits.</summary>
    public const string Variable = "LAMINA_VECTOR_BITS";

    /// <summary>The largest width in bits that the processor has instructions for; at least 128.</summary>
    public static int Widest =>
        Floats512.IsAccelerated ? 512
        : Floats256.IsAccelerated ? 256
        : 128;

    /// <summary>Returns the width to use.</summary>
    /// <param name="limit">The value of <see cref="Variable"/>; <see langword="null"/> for the widest.</param>
    /// <exception cref="LaminaException">The value is not a width that the processor has.</exception>
    public static int Choose(string? limit) =>
        string.IsNullOrEmpty(limit) ? Widest
        : int.TryParse(limit, out int bits) && bits is 128 or 256 or 512 && bits <= Widest ? bits
        : throw new LaminaException(
            $"{Variable} is {limit}, which is not a width of this processor's vectors. "
                + $"Set it to a width from 128 to {Widest} (128, 256, 512), or unset it."
        );
}
