using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using Vector = System.Runtime.Intrinsics.Vector128<float>;

namespace Lamina.Torch.Cpu;

/// <summary>4 float32 values, for NEON, and for processors without AVX2.</summary>
internal readonly unsafe struct Floats128 : IFloats<Floats128>
{
    private readonly Vector _values;

    private Floats128(Vector values) => _values = values;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static int TileRows => AdvSimd.IsSupported ? 12 : 6;

    /// <inheritdoc/>
    public static bool IsAccelerated => Vector128.IsHardwareAccelerated;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Create(float value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Load(float* from) => new(Vector128.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 MultiplyAdd(Floats128 x, Floats128 y, Floats128 sum) =>
        new(Vector128.MultiplyAddEstimate(x._values, y._values, sum._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Max(Floats128 x, Floats128 y) => new(Vector128.Max(x._values, y._values));

    // x64 has one instruction, whose result is the second operand if either is NaN.
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 AtMost(Floats128 x, Floats128 limit) => new(Vector128.MinNative(limit._values, x._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 WherePositive(Floats128 x, Floats128 condition) =>
        new(Vector128.AndNot(x._values, Vector128.LessThanOrEqual(condition._values, Vector.Zero)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 WhereBits(Floats128 x, uint bits)
    {
        Vector128<uint> lanes = Vector128.Create(1u, 2, 4, 8);
        return new(x._values & Vector128.Equals(Vector128.Create(bits) & lanes, lanes).AsSingle());
    }

    // The sign and the 15 other bits move to their positions; the exponent's bias differs by 112.
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Widen(short* half)
    {
        Vector128<int> whole = Vector128.WidenLower(Vector128.Create(Vector64.Load(half), default));
        return new(((whole << 13) & Vector128.Create(unchecked((int)0x8fffe000))).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 WidenUpper(short* from) =>
        new((Vector128.WidenLower(Vector128.Create(Vector64.Load(from), default)) << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 operator +(Floats128 x, Floats128 y) => new(x._values + y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 operator -(Floats128 x, Floats128 y) => new(x._values - y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 operator *(Floats128 x, Floats128 y) => new(x._values * y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _values.Store(to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(double* sums)
    {
        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(_values);
        (Vector128.Load(sums) + low).Store(sums);
        (Vector128.Load(sums + 2) + high).Store(sums + 2);
    }
}
