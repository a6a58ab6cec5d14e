using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>4 integers of 32 bits, or 8 of 16, for NEON, and for processors without AVX2.</summary>
internal readonly unsafe struct Integers128 : IIntegers<Integers128>
{
    // A float of this size has no room for a fraction: adding it rounds, and leaves the number in the lowest bits.
    private const float Rounder = 8_388_608;

    private readonly Vector128<int> _values;

    private Integers128(Vector128<int> values) => _values = values;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 Create(int value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 Load(void* from) => new(Vector128.Load((int*)from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 Widen(byte* from) =>
        new(Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)from).AsByte()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 Pairs(sbyte* first, sbyte* second)
    {
        Vector128<sbyte> a = Vector128.CreateScalar(*(int*)first).AsSByte();
        Vector128<sbyte> b = Vector128.CreateScalar(*(int*)second).AsSByte();
        if (Sse2.IsSupported)
        {
            return new(Vector128.WidenLower(Sse2.UnpackLow(a, b)).AsInt32());
        }
        if (AdvSimd.Arm64.IsSupported)
        {
            return new(Vector128.WidenLower(AdvSimd.Arm64.ZipLow(a, b)).AsInt32());
        }
        Vector128<int> low = Vector128.WidenLower(Vector128.WidenLower(a));
        Vector128<int> high = Vector128.WidenLower(Vector128.WidenLower(b));
        return new((low & Vector128.Create(0xffff)) | (high << 16));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 MultiplyAdd(Integers128 x, Integers128 y, Integers128 sum)
    {
        if (Sse2.IsSupported)
        {
            return new(Sse2.MultiplyAddAdjacent(x._values.AsInt16(), y._values.AsInt16()) + sum._values);
        }
        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<short> a = x._values.AsInt16();
            Vector128<short> b = y._values.AsInt16();
            Vector128<int> lower = AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower());
            Vector128<int> upper = AdvSimd.MultiplyWideningUpper(a, b);
            return new(AdvSimd.Arm64.AddPairwise(lower, upper) + sum._values);
        }
        Vector128<int> low = ((x._values << 16) >> 16) * ((y._values << 16) >> 16);
        return new(low + ((x._values >> 16) * (y._values >> 16)) + sum._values);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 AddShorts(Integers128 x, Integers128 y) =>
        new((x._values.AsInt16() + y._values.AsInt16()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 SubtractShorts(Integers128 x, Integers128 y) =>
        new((x._values.AsInt16() - y._values.AsInt16()).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 ShiftShorts(Integers128 x, int count) => new((x._values.AsInt16() << count).AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 operator +(Integers128 x, Integers128 y) => new(x._values + y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 operator -(Integers128 x, Integers128 y) => new(x._values - y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 operator *(Integers128 x, Integers128 y) => new(x._values * y._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 operator <<(Integers128 x, int count) => new(x._values << count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers128 operator >>(Integers128 x, int count) => new(x._values >> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(void* to) => _values.Store((int*)to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreScaled(float* to, float* multiplier, float* offset, bool relu)
    {
        Vector128<float> y = Scaled(multiplier, offset);
        (relu ? Vector128.Max(y, Vector128<float>.Zero) : y).Store(to);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreScaled(byte* to, float* multiplier, float* offset)
    {
        Vector128<float> within = Vector128.Min(
            Vector128.Max(Scaled(multiplier, offset), Vector128<float>.Zero),
            Vector128.Create(255f)
        );
        Vector128<uint> bytes = (within + Vector128.Create(Rounder)).AsUInt32() & Vector128.Create(0xffu);
        Vector128<ushort> narrow = Vector128.Narrow(bytes, bytes);
        *(uint*)to = Vector128.Narrow(narrow, narrow).AsUInt32().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> Scaled(float* multiplier, float* offset) =>
        Vector128.FusedMultiplyAdd(
            Vector128.ConvertToSingle(_values),
            Vector128.Load(multiplier),
            Vector128.Load(offset)
        );
}
