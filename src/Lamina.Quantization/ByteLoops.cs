using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Torch;

namespace Lamina.Quantization;

/// <summary>
/// Converts between float32 and bytes, and from one code of bytes to another: y = x · multiplier + offset, in one
/// rounding, then for bytes to the nearest, ties to even, within 0 to 255. Pixels are added around images if a
/// convolution needs them.
/// </summary>
internal static unsafe class ByteLoops
{
    // A float of this size has no room for a fraction: adding it rounds, and leaves the number in the lowest bits.
    private const float Rounder = 8_388_608;

    /// <summary>Converts float32 to bytes.</summary>
    /// <param name="x">Contiguous float32.</param>
    /// <param name="map">The mapping of one channel for all, or of each channel of the last dimension.</param>
    /// <param name="pads">The pixels around the images.</param>
    /// <param name="pad">The value of these pixels.</param>
    public static Tensor FromFloats(Tensor x, in ChannelMap map, Pads2 pads, byte pad)
    {
        Tensor y = Empty(x, pads, DType.UInt8);
        fixed (float* multiplier = map.Multiplier)
        fixed (float* offset = map.Offset)
        {
            var rows = new Rows(x, y, multiplier, offset, map.Multiplier.Length, pads, pad);
            ElementLoop.Run(rows.Count, &FromFloatRows, &rows, rows.Grain);
        }
        GC.KeepAlive(x);
        return y;
    }

    /// <summary>Converts bytes to bytes of another code.</summary>
    /// <param name="x">Contiguous bytes.</param>
    /// <param name="map">The mapping of one channel for all, or of each channel of the last dimension.</param>
    /// <param name="pads">The pixels around the images.</param>
    /// <param name="pad">The value of these pixels.</param>
    public static Tensor Remap(Tensor x, in ChannelMap map, Pads2 pads, byte pad)
    {
        Tensor y = Empty(x, pads, DType.UInt8);
        fixed (float* multiplier = map.Multiplier)
        fixed (float* offset = map.Offset)
        {
            var rows = new Rows(x, y, multiplier, offset, map.Multiplier.Length, pads, pad);
            ElementLoop.Run(rows.Count, &RemapRows, &rows, rows.Grain);
        }
        GC.KeepAlive(x);
        return y;
    }

    /// <summary>Converts bytes to float32.</summary>
    /// <param name="x">Contiguous bytes.</param>
    /// <param name="map">The mapping of one channel for all, or of each channel of the last dimension.</param>
    public static Tensor ToFloats(Tensor x, in ChannelMap map)
    {
        Tensor y = Empty(x, default, DType.Float32);
        fixed (float* multiplier = map.Multiplier)
        fixed (float* offset = map.Offset)
        {
            var rows = new Rows(x, y, multiplier, offset, map.Multiplier.Length, default, 0);
            ElementLoop.Run(rows.Count, &ToFloatRows, &rows, rows.Grain);
        }
        GC.KeepAlive(x);
        return y;
    }

    /// <summary>Adds bytes around images.</summary>
    public static Tensor Pad(Tensor x, Pads2 pads, byte pad) => Remap(x, ChannelMap.Identity, pads, pad);

    private static Tensor Empty(Tensor x, Pads2 pads, DType type)
    {
        long[] sizes = [.. x.Sizes];
        if (pads != Pads2.None)
        {
            sizes[1] += pads.Top + pads.Bottom;
            sizes[2] += pads.Left + pads.Right;
        }
        return Tensor.Empty(sizes, type);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromFloatRows(long begin, long end, void* context)
    {
        var rows = (Rows*)context;
        for (long row = begin; row < end; row++)
        {
            byte* target = rows->Target(row, out long source);
            if (source < 0)
            {
                continue;
            }
            float* x = (float*)rows->X + source;
            for (long start = 0; start < rows->Inner; start += rows->Period)
            {
                FromFloats(x + start, target + start, rows);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RemapRows(long begin, long end, void* context)
    {
        var rows = (Rows*)context;
        for (long row = begin; row < end; row++)
        {
            byte* target = rows->Target(row, out long source);
            if (source < 0)
            {
                continue;
            }
            byte* x = (byte*)rows->X + source;
            if (rows->IsIdentity)
            {
                new Span<byte>(x, (int)rows->Inner).CopyTo(new Span<byte>(target, (int)rows->Inner));
                continue;
            }
            for (long start = 0; start < rows->Inner; start += rows->Period)
            {
                Remap(x + start, target + start, rows);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToFloatRows(long begin, long end, void* context)
    {
        var rows = (Rows*)context;
        for (long row = begin; row < end; row++)
        {
            byte* x = (byte*)rows->X + (row * rows->Inner);
            float* y = (float*)rows->Y + (row * rows->Inner);
            for (long start = 0; start < rows->Inner; start += rows->Period)
            {
                ToFloats(x + start, y + start, rows);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FromFloats(float* x, byte* y, Rows* rows)
    {
        long i = 0;
        for (; rows->Period >= 32 && i < rows->Period; i += 32)
        {
            i = Math.Min(i, rows->Period - 32);
            Store(
                rows->Apply(Vector256.Load(x + i), i),
                rows->Apply(Vector256.Load(x + i + 8), i + 8),
                rows->Apply(Vector256.Load(x + i + 16), i + 16),
                rows->Apply(Vector256.Load(x + i + 24), i + 24),
                y + i
            );
        }
        for (; i < rows->Period; i++)
        {
            y[i] = rows->ApplyOne(x[i], i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Remap(byte* x, byte* y, Rows* rows)
    {
        long i = 0;
        for (; rows->Period >= 32 && i < rows->Period; i += 32)
        {
            i = Math.Min(i, rows->Period - 32);
            Widen(Vector256.Load(x + i), out var a, out var b, out var c, out var d);
            Store(rows->Apply(a, i), rows->Apply(b, i + 8), rows->Apply(c, i + 16), rows->Apply(d, i + 24), y + i);
        }
        for (; i < rows->Period; i++)
        {
            y[i] = rows->ApplyOne(x[i], i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToFloats(byte* x, float* y, Rows* rows)
    {
        long i = 0;
        for (; rows->Period >= 32 && i < rows->Period; i += 32)
        {
            // The last vector may overlap the previous one, and writes the same again.
            i = Math.Min(i, rows->Period - 32);
            Widen(Vector256.Load(x + i), out var a, out var b, out var c, out var d);
            rows->Apply(a, i).Store(y + i);
            rows->Apply(b, i + 8).Store(y + i + 8);
            rows->Apply(c, i + 16).Store(y + i + 16);
            rows->Apply(d, i + 24).Store(y + i + 24);
        }
        for (; i < rows->Period; i++)
        {
            long c = rows->IsUniform ? 0 : i;
            y[i] = MathF.FusedMultiplyAdd(x[i], rows->Multiplier[c], rows->Offset[c]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(
        Vector256<byte> bytes,
        out Vector256<float> a,
        out Vector256<float> b,
        out Vector256<float> c,
        out Vector256<float> d
    )
    {
        (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(bytes);
        (Vector256<uint> ia, Vector256<uint> ib) = Vector256.Widen(low);
        (Vector256<uint> ic, Vector256<uint> id) = Vector256.Widen(high);
        a = Vector256.ConvertToSingle(ia.AsInt32());
        b = Vector256.ConvertToSingle(ib.AsInt32());
        c = Vector256.ConvertToSingle(ic.AsInt32());
        d = Vector256.ConvertToSingle(id.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector256<float> a,
        Vector256<float> b,
        Vector256<float> c,
        Vector256<float> d,
        byte* y
    ) => Vector256.Narrow(Vector256.Narrow(Round(a), Round(b)), Vector256.Narrow(Round(c), Round(d))).Store(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<float> x)
    {
        // NaN becomes 0, as in the scalar loop: the instruction then returns the second operand.
        Vector256<float> within = Vector256.Min(
            Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), x, Vector256<float>.Zero),
            Vector256.Create(255f)
        );
        return (within + Vector256.Create(Rounder)).AsUInt32() & Vector256.Create(0xffu);
    }

    /// <summary>
    /// The rows of images (one row per line of pixels), or of anything else (one row per vector of channels).
    /// </summary>
    private readonly struct Rows
    {
        public readonly void* X;
        public readonly void* Y;
        public readonly float* Multiplier;
        public readonly float* Offset;
        public readonly long Count;
        public readonly long Inner;
        public readonly long Period;
        public readonly bool IsUniform;
        public readonly bool IsIdentity;
        private readonly long _height;
        private readonly long _outerHeight;
        private readonly long _outer;
        private readonly long _before;
        private readonly int _top;
        private readonly byte _pad;

        public Rows(Tensor x, Tensor y, float* multiplier, float* offset, int channels, Pads2 pads, byte pad)
        {
            X = x.ReadRaw;
            Y = y.WriteRaw();
            Multiplier = multiplier;
            Offset = offset;
            _pad = pad;
            IsUniform = channels == 1;
            IsIdentity = IsUniform && *multiplier == 1 && *offset == 0;
            bool images = x.Rank == 4;
            Inner = images ? x.Sizes[2] * x.Sizes[3] : x.Sizes[^1];
            _height = images ? x.Sizes[1] : 1;
            _outerHeight = _height + pads.Top + pads.Bottom;
            _before = images ? pads.Left * x.Sizes[3] : 0;
            _outer = images ? Inner + ((pads.Left + pads.Right) * x.Sizes[3]) : Inner;
            _top = pads.Top;
            Period = IsUniform ? Inner : channels;
            Count = x.Count / Inner / _height * _outerHeight;
        }

        public long Grain => Math.Max(1, ElementLoop.Grain / _outer);

        /// <summary>Returns the address of a row's values, after writing the padding around them.</summary>
        /// <param name="row">The row of the output.</param>
        /// <param name="source">Receives the offset of its values in elements; below 0 if the row is padding.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* Target(long row, out long source)
        {
            byte* target = (byte*)Y + (row * _outer);
            if (_outerHeight == _height && _outer == Inner)
            {
                source = row * Inner;
                return target;
            }
            (long image, long y) = Math.DivRem(row, _outerHeight);
            y -= _top;
            if (y < 0 || y >= _height)
            {
                new Span<byte>(target, (int)_outer).Fill(_pad);
                source = -1;
                return target;
            }
            new Span<byte>(target, (int)_before).Fill(_pad);
            new Span<byte>(target + _before + Inner, (int)(_outer - _before - Inner)).Fill(_pad);
            source = ((image * _height) + y) * Inner;
            return target + _before;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Apply(Vector256<float> x, long channel) =>
            IsUniform
                ? Vector256.FusedMultiplyAdd(x, Vector256.Create(*Multiplier), Vector256.Create(*Offset))
                : Vector256.FusedMultiplyAdd(x, Vector256.Load(Multiplier + channel), Vector256.Load(Offset + channel));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte ApplyOne(float x, long channel)
        {
            long c = IsUniform ? 0 : channel;
            float y = MathF.FusedMultiplyAdd(x, Multiplier[c], Offset[c]);
            return (byte)MathF.Round(y > 0 ? MathF.Min(y, 255) : 0);
        }
    }
}
