using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>8 integers of 32 bits, or 16 of 16, for AVX2.</summary>
internal readonly unsafe struct Integers256 : IIntegers<Integers256>
{
    // A float of this size has no room for a fraction: adding it rounds, and leaves the number in the lowest bits.
    private const float Rounder = 8_388_608;

    private readonly Vector256<int> _values;

    private Integers256(Vector256<int> values) => _values = values;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 Create(int value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 Load(void* from) => new(Vector256.Load((int*)from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 Widen(byte* from) =>
        new(Vector256.WidenLower(Vector256.Create(Vector128.Load(from), default)).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 Pairs(sbyte* first, sbyte* second)
    {
        Vector128<sbyte> a = Vector128.CreateScalar(*(long*)first).AsSByte();
        Vector128<sbyte> b = Vector128.CreateScalar(*(long*)second).AsSByte();
        if (Avx2.IsSupported)
        {
            return new(Avx2.ConvertToVector256Int16(Sse2.UnpackLow(a, b)).AsInt32());
        }
        Vector128<short> low = Vector128.WidenLower(a);
        Vector128<short> high = Vector128.WidenLower(b);
        Vector256<int> lower = Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low));
        Vector256<int> upper = Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high));
        return new((lower & Vector256.Create(0xffff)) | (upper << 16));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 MultiplyAdd(Integers256 x, Integers256 y, Integers256 sum)
    {
        if (Avx2.IsSupported)
        {
            return new(Avx2.MultiplyAddAdjacent(x._values.AsInt16(), y._values.AsInt16()) + sum._values);
        }
        Vector256<int> low = ((x._values << 16) >> 16) * ((y._values << 16) >> 16);
        return new(low + ((x._values >> 16) * (y._values >> 16)) + sum._values);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 AddShorts(Integers256 x, Integers256 y) =>
        new((x._values.AsInt16() + y._values.AsInt16()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 SubtractShorts(Integers256 x, Integers256 y) =>
        new((x._values.AsInt16() - y._values.AsInt16()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 ShiftShorts(Integers256 x, int count) => new((x._values.AsInt16() << count).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 operator +(Integers256 x, Integers256 y) => new(x._values + y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 operator -(Integers256 x, Integers256 y) => new(x._values - y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 operator *(Integers256 x, Integers256 y) => new(x._values * y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 operator <<(Integers256 x, int count) => new(x._values << count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers256 operator >>(Integers256 x, int count) => new(x._values >> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(void* to) => _values.Store((int*)to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreScaled(float* to, float* multiplier, float* offset, bool relu)
    {
        Vector256<float> y = Scaled(multiplier, offset);
        (relu ? Vector256.Max(y, Vector256<float>.Zero) : y).Store(to);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreScaled(byte* to, float* multiplier, float* offset)
    {
        Vector256<float> within = Vector256.Min(
            Vector256.Max(Scaled(multiplier, offset), Vector256<float>.Zero),
            Vector256.Create(255f)
        );
        Vector256<uint> bytes = (within + Vector256.Create(Rounder)).AsUInt32() & Vector256.Create(0xffu);
        Vector128<ushort> narrow = Vector128.Narrow(bytes.GetLower(), bytes.GetUpper());
        *(ulong*)to = Vector128.Narrow(narrow, narrow).AsUInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Scaled(float* multiplier, float* offset) =>
        Vector256.FusedMultiplyAdd(
            Vector256.ConvertToSingle(_values),
            Vector256.Load(multiplier),
            Vector256.Load(offset)
        );
}
