using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector256<float>;

namespace Lamina.Torch.Cpu;

/// <summary>8 float32 values, for AVX2 with FMA.</summary>
internal readonly unsafe struct Floats256 : IFloats<Floats256>
{
    private readonly Vector _values;

    private Floats256(Vector values) => _values = values;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static int TileRows => 6;

    /// <inheritdoc/>
    public static bool IsAccelerated => Vector256.IsHardwareAccelerated && Fma.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Create(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Load(float* from) => new(Vector256.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 MultiplyAdd(Floats256 x, Floats256 y, Floats256 sum) =>
        new(Vector256.FusedMultiplyAdd(x._values, y._values, sum._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Max(Floats256 x, Floats256 y) => new(Vector256.Max(x._values, y._values));

    // x64 has one instruction, whose result is the second operand if either is NaN.
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 AtMost(Floats256 x, Floats256 limit) => new(Vector256.MinNative(limit._values, x._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 WherePositive(Floats256 x, Floats256 condition) =>
        new(Vector256.AndNot(x._values, Vector256.LessThanOrEqual(condition._values, Vector.Zero)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 WhereBits(Floats256 x, uint bits)
    {
        Vector256<uint> lanes = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        return new(x._values & Vector256.Equals(Vector256.Create(bits) & lanes, lanes).AsSingle());
    }

    // The sign and the 15 other bits move to their positions; the exponent's bias differs by 112.
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Widen(short* half)
    {
        Vector256<int> whole = Vector256.WidenLower(Vector256.Create(Vector128.Load(half), default));
        return new(((whole << 13) & Vector256.Create(unchecked((int)0x8fffe000))).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 WidenUpper(short* from) =>
        new((Vector256.WidenLower(Vector256.Create(Vector128.Load(from), default)) << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 operator +(Floats256 x, Floats256 y) => new(x._values + y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 operator -(Floats256 x, Floats256 y) => new(x._values - y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 operator *(Floats256 x, Floats256 y) => new(x._values * y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _values.Store(to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(double* sums)
    {
        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(_values);
        (Vector256.Load(sums) + low).Store(sums);
        (Vector256.Load(sums + 4) + high).Store(sums + 4);
    }
}
