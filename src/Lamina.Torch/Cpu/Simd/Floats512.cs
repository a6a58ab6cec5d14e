using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vector = System.Runtime.Intrinsics.Vector512<float>;

namespace Lamina.Torch.Cpu;

/// <summary>16 float32 values, for AVX-512.</summary>
internal readonly unsafe struct Floats512 : IFloats<Floats512>
{
    private readonly Vector _values;

    private Floats512(Vector values) => _values = values;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static int TileRows => 12;

    /// <inheritdoc/>
    public static bool IsAccelerated => Vector512.IsHardwareAccelerated;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 Create(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 Load(float* from) => new(Vector512.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 MultiplyAdd(Floats512 x, Floats512 y, Floats512 sum) =>
        new(Vector512.FusedMultiplyAdd(x._values, y._values, sum._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 Max(Floats512 x, Floats512 y) => new(Vector512.Max(x._values, y._values));

    // x64 has one instruction, whose result is the second operand if either is NaN.
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 AtMost(Floats512 x, Floats512 limit) => new(Vector512.MinNative(limit._values, x._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 WherePositive(Floats512 x, Floats512 condition) =>
        new(Vector512.AndNot(x._values, Vector512.LessThanOrEqual(condition._values, Vector.Zero)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 WhereBits(Floats512 x, uint bits)
    {
        Vector512<uint> lanes = Vector512.Create(
            1u,
            2,
            4,
            8,
            16,
            32,
            64,
            128,
            256,
            512,
            1024,
            2048,
            4096,
            8192,
            16384,
            32768
        );
        return new(x._values & Vector512.Equals(Vector512.Create(bits) & lanes, lanes).AsSingle());
    }

    // The sign and the 15 other bits move to their positions; the exponent's bias differs by 112.
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 Widen(short* half)
    {
        Vector512<int> whole = Vector512.WidenLower(Vector512.Create(Vector256.Load(half), default));
        return new(((whole << 13) & Vector512.Create(unchecked((int)0x8fffe000))).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 WidenUpper(short* from) =>
        new((Vector512.WidenLower(Vector512.Create(Vector256.Load(from), default)) << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 operator +(Floats512 x, Floats512 y) => new(x._values + y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 operator -(Floats512 x, Floats512 y) => new(x._values - y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats512 operator *(Floats512 x, Floats512 y) => new(x._values * y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _values.Store(to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(double* sums)
    {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(_values);
        (Vector512.Load(sums) + low).Store(sums);
        (Vector512.Load(sums + 8) + high).Store(sums + 8);
    }
}
