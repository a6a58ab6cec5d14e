using System.Diagnostics.CodeAnalysis;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A vector of float32 values, of a width that a loop takes as a type argument: the JIT compiles each loop once per
/// width, to the instructions of that width.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants and operations of a type argument.")]
[SuppressMessage("Usage", "CA2225", Justification = "Loops use the operators only.")]
internal unsafe interface IFloats<TSelf>
    where TSelf : unmanaged, IFloats<TSelf>
{
    /// <summary>The number of values: 4, 8 or 16.</summary>
    static abstract int Count { get; }

    /// <summary>The number of rows of a tile of two vectors each that the registers can hold: 6 or 12.</summary>
    static abstract int TileRows { get; }

    /// <summary>
    /// <see langword="true"/> if the processor has instructions for this width, with fused multiply-add.
    /// </summary>
    static abstract bool IsAccelerated { get; }

    /// <summary>Returns a vector of one value repeated.</summary>
    static abstract TSelf Create(float value);

    /// <summary>Reads a vector.</summary>
    static abstract TSelf Load(float* from);

    /// <summary>Returns x · y + sum, rounded once where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf x, TSelf y, TSelf sum);

    /// <summary>Returns the larger of each pair of values; NaN if one is NaN.</summary>
    static abstract TSelf Max(TSelf x, TSelf y);

    /// <summary>Returns the smaller of each value and its limit, which is not NaN; NaN where the value is NaN.</summary>
    static abstract TSelf AtMost(TSelf x, TSelf limit);

    /// <summary>Returns <paramref name="x"/> where the condition exceeds 0 or is NaN, and 0 elsewhere.</summary>
    static abstract TSelf WherePositive(TSelf x, TSelf condition);

    /// <summary>
    /// Returns <paramref name="x"/> where the lowest bits are set, the first value's being the lowest, and 0 elsewhere.
    /// </summary>
    static abstract TSelf WhereBits(TSelf x, uint bits);

    /// <summary>Converts 16-bit floating-point numbers to float32, times 2⁻¹¹².</summary>
    static abstract TSelf Widen(short* half);

    /// <summary>Returns the float32 values whose upper 16 bits these are, the others being 0.</summary>
    static abstract TSelf WidenUpper(short* from);

    /// <summary>Returns the sums.</summary>
    static abstract TSelf operator +(TSelf x, TSelf y);

    /// <summary>Returns the differences.</summary>
    static abstract TSelf operator -(TSelf x, TSelf y);

    /// <summary>Returns the products.</summary>
    static abstract TSelf operator *(TSelf x, TSelf y);

    /// <summary>Writes the vector.</summary>
    void Store(float* to);

    /// <summary>Adds the values to float64 sums.</summary>
    void AddTo(double* sums);
}
