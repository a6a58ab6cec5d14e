using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>16 integers of 32 bits, or 32 of 16, for AVX-512.</summary>
internal readonly unsafe struct Integers512 : IIntegers<Integers512>
{
    // A float of this size has no room for a fraction: adding it rounds, and leaves the number in the lowest bits.
    private const float Rounder = 8_388_608;

    private readonly Vector512<int> _values;

    private Integers512(Vector512<int> values) => _values = values;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 Create(int value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 Load(void* from) => new(Vector512.Load((int*)from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 Widen(byte* from) =>
        new(Vector512.WidenLower(Vector512.Create(Vector256.Load(from), default)).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 Pairs(sbyte* first, sbyte* second)
    {
        Vector512<int> low = Vector512.WidenLower(
            Vector512.Create(Vector256.WidenLower(Vector256.Create(Vector128.Load(first), default)), default)
        );
        Vector512<int> high = Vector512.WidenLower(
            Vector512.Create(Vector256.WidenLower(Vector256.Create(Vector128.Load(second), default)), default)
        );
        return new((low & Vector512.Create(0xffff)) | (high << 16));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 MultiplyAdd(Integers512 x, Integers512 y, Integers512 sum)
    {
        if (Avx512BW.IsSupported)
        {
            return new(Avx512BW.MultiplyAddAdjacent(x._values.AsInt16(), y._values.AsInt16()) + sum._values);
        }
        Vector512<int> low = ((x._values << 16) >> 16) * ((y._values << 16) >> 16);
        return new(low + ((x._values >> 16) * (y._values >> 16)) + sum._values);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 AddShorts(Integers512 x, Integers512 y) =>
        new((x._values.AsInt16() + y._values.AsInt16()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 SubtractShorts(Integers512 x, Integers512 y) =>
        new((x._values.AsInt16() - y._values.AsInt16()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 ShiftShorts(Integers512 x, int count) => new((x._values.AsInt16() << count).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 operator +(Integers512 x, Integers512 y) => new(x._values + y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 operator -(Integers512 x, Integers512 y) => new(x._values - y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 operator *(Integers512 x, Integers512 y) => new(x._values * y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 operator <<(Integers512 x, int count) => new(x._values << count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers512 operator >>(Integers512 x, int count) => new(x._values >> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(void* to) => _values.Store((int*)to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreScaled(float* to, float* multiplier, float* offset, bool relu)
    {
        Vector512<float> y = Scaled(multiplier, offset);
        (relu ? Vector512.Max(y, Vector512<float>.Zero) : y).Store(to);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreScaled(byte* to, float* multiplier, float* offset)
    {
        Vector512<float> within = Vector512.Min(
            Vector512.Max(Scaled(multiplier, offset), Vector512<float>.Zero),
            Vector512.Create(255f)
        );
        Vector512<uint> bytes = (within + Vector512.Create(Rounder)).AsUInt32() & Vector512.Create(0xffu);
        Vector256<ushort> narrow = Vector256.Narrow(bytes.GetLower(), bytes.GetUpper());
        Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Scaled(float* multiplier, float* offset) =>
        Vector512.FusedMultiplyAdd(
            Vector512.ConvertToSingle(_values),
            Vector512.Load(multiplier),
            Vector512.Load(offset)
        );
}
