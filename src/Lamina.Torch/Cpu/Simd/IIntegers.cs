using System.Diagnostics.CodeAnalysis;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A vector of 32-bit integers, or of pairs of 16-bit ones, of a width that a loop takes as a type argument, like
/// <see cref="IFloats{TSelf}"/>. All arithmetic wraps around.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants and operations of a type argument.")]
[SuppressMessage("Usage", "CA2225", Justification = "Loops use the operators only.")]
internal unsafe interface IIntegers<TSelf>
    where TSelf : unmanaged, IIntegers<TSelf>
{
    /// <summary>The number of 32-bit integers: 4, 8 or 16.</summary>
    static abstract int Count { get; }

    /// <summary>Returns a vector of one 32-bit integer, or pair, repeated.</summary>
    static abstract TSelf Create(int value);

    /// <summary>Reads a vector.</summary>
    static abstract TSelf Load(void* from);

    /// <summary>Reads twice <see cref="Count"/> bytes, as 16-bit integers.</summary>
    static abstract TSelf Widen(byte* from);

    /// <summary>Reads <see cref="Count"/> bytes of each of two rows, as pairs of 16-bit integers.</summary>
    static abstract TSelf Pairs(sbyte* first, sbyte* second);

    /// <summary>Returns the sum of the two products of each pair, plus <paramref name="sum"/>, in 32 bits.</summary>
    static abstract TSelf MultiplyAdd(TSelf x, TSelf y, TSelf sum);

    /// <summary>Returns the sums of 16-bit integers.</summary>
    static abstract TSelf AddShorts(TSelf x, TSelf y);

    /// <summary>Returns the differences of 16-bit integers.</summary>
    static abstract TSelf SubtractShorts(TSelf x, TSelf y);

    /// <summary>Returns 16-bit integers times a power of two.</summary>
    static abstract TSelf ShiftShorts(TSelf x, int count);

    /// <summary>Returns the sums.</summary>
    static abstract TSelf operator +(TSelf x, TSelf y);

    /// <summary>Returns the differences.</summary>
    static abstract TSelf operator -(TSelf x, TSelf y);

    /// <summary>Returns the lower halves of the products.</summary>
    static abstract TSelf operator *(TSelf x, TSelf y);

    /// <summary>Returns the products with a power of two.</summary>
    static abstract TSelf operator <<(TSelf x, int count);

    /// <summary>Returns the quotients by a power of two, rounded down.</summary>
    static abstract TSelf operator >>(TSelf x, int count);

    /// <summary>Writes the vector.</summary>
    void Store(void* to);

    /// <summary>Writes value · multiplier + offset, in one rounding.</summary>
    /// <param name="to">Receives <see cref="Count"/> float32 values.</param>
    /// <param name="multiplier">The multipliers.</param>
    /// <param name="offset">The offsets.</param>
    /// <param name="relu"><see langword="true"/> to replace negative values by 0.</param>
    void StoreScaled(float* to, float* multiplier, float* offset, bool relu);

    /// <summary>
    /// Writes value · multiplier + offset as bytes: in one rounding to float32, then to the nearest, ties to even, within 0
    /// to 255.
    /// </summary>
    /// <param name="to">Receives <see cref="Count"/> bytes.</param>
    /// <param name="multiplier">The multipliers.</param>
    /// <param name="offset">The offsets.</param>
    void StoreScaled(byte* to, float* multiplier, float* offset);
}
