using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Kernels;

/// <summary>
/// The elements that dropout keeps, one bit each: element i is kept if the i-th 32-bit draw of the stream (seed,
/// Dropout, step, index) is at least rate · 2³². The bits do not depend on the machine or its vector instructions.
/// </summary>
internal sealed unsafe class DropoutMask
{
    /// <summary>The number of elements in a word of bits: 16 blocks of the generator.</summary>
    public const int WordSize = 64;

    private static readonly uint[] s_spread = Spread();

    private ulong[] _bits = [];

    /// <summary>The bits, least significant first; those past the last element are meaningless.</summary>
    public ReadOnlySpan<ulong> Bits => _bits;

    /// <summary>Draws a new mask.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="rate">The dropout rate, in [0, 1).</param>
    /// <param name="stream">The stream, at its start.</param>
    /// <param name="skip">The number of elements before the first, whose bits other ranks draw.</param>
    public void Draw(long count, double rate, RandomStream stream, long skip = 0)
    {
        var shift = (int)(skip % WordSize);
        long words = (count + shift + WordSize - 1) / WordSize;
        if (_bits.Length < words + 1)
        {
            _bits = new ulong[words + 1];
        }
        (uint index, uint step, uint key0, uint key1) = stream.Name;
        fixed (ulong* bits = _bits)
        {
            var draw = new Drawing(
                bits,
                skip / WordSize,
                (ulong)Math.Ceiling(rate * (1ul << 32)),
                index,
                step,
                key0,
                key1
            );
            ElementLoop.Run(words, &DrawWords, &draw, grain: 128);
        }
        if (shift > 0)
        {
            MoveDown(_bits.AsSpan(0, (int)words + 1), shift);
        }
    }

    private static void MoveDown(Span<ulong> words, int shift)
    {
        for (int i = 0; i < words.Length - 1; i++)
        {
            words[i] = (words[i] >> shift) | (words[i + 1] << (WordSize - shift));
        }
    }

    /// <summary>Writes the mask as one flag per element.</summary>
    public void CopyTo(Span<bool> kept)
    {
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = ((_bits[i / WordSize] >> (i % WordSize)) & 1) != 0;
        }
    }

    /// <summary>Computes one word of bits, one block of the generator after the other.</summary>
    internal static ulong ScalarWord(ulong word, ulong threshold, uint index, uint step, uint key0, uint key1)
    {
        ulong bits = 0;
        for (int i = 0; i < 16; i++)
        {
            RandomStream.Vector4U v = RandomStream.Block((word * 16) + (uint)i, index, step, key0, key1);
            ulong four =
                (v.A >= threshold ? 1u : 0)
                | (v.B >= threshold ? 2u : 0)
                | (v.C >= threshold ? 4u : 0)
                | (v.D >= threshold ? 8u : 0);
            bits |= four << (4 * i);
        }
        return bits;
    }

    /// <summary>
    /// Computes one word of bits, eight blocks of the generator at a time, with a 32-bit number in each 64-bit lane.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static ulong VectorWord(ulong word, ulong threshold, uint index, uint step, uint key0, uint key1)
    {
        ulong bits = 0;
        Vector512<ulong> low = Vector512.Create(0xffffffffUL);
        Vector512<ulong> limit = Vector512.Create(threshold);
        for (int half = 0; half < 2; half++)
        {
            Vector512<ulong> counter = Vector512.Create((word * 16) + ((ulong)half * 8)) + Vector512<ulong>.Indices;
            Vector512<ulong> c0 = counter & low;
            Vector512<ulong> c1 = counter >>> 32;
            Vector512<ulong> c2 = Vector512.Create((ulong)index);
            Vector512<ulong> c3 = Vector512.Create((ulong)step);
            uint k0 = key0;
            uint k1 = key1;
            for (int round = 0; round < 10; round++)
            {
                Vector512<ulong> p0 = Multiply(c0, 0xD2511F53u);
                Vector512<ulong> p1 = Multiply(c2, 0xCD9E8D57u);
                c0 = (p1 >>> 32) ^ c1 ^ Vector512.Create((ulong)k0);
                c1 = p1 & low;
                c2 = (p0 >>> 32) ^ c3 ^ Vector512.Create((ulong)k1);
                c3 = p0 & low;
                k0 += 0x9E3779B9u;
                k1 += 0xBB67AE85u;
            }
            ulong eight =
                s_spread[(int)Vector512.GreaterThanOrEqual(c0, limit).ExtractMostSignificantBits()]
                | (s_spread[(int)Vector512.GreaterThanOrEqual(c1, limit).ExtractMostSignificantBits()] << 1)
                | (s_spread[(int)Vector512.GreaterThanOrEqual(c2, limit).ExtractMostSignificantBits()] << 2)
                | (s_spread[(int)Vector512.GreaterThanOrEqual(c3, limit).ExtractMostSignificantBits()] << 3);
            bits |= eight << (32 * half);
        }
        return bits;
    }

    /// <summary>Returns the 64-bit products of the lanes' low 32 bits with a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Multiply(Vector512<ulong> a, uint b)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.Multiply(a.AsUInt32(), Vector512.Create((ulong)b).AsUInt32());
        }
        if (Avx2.IsSupported)
        {
            Vector256<uint> factor = Vector256.Create((ulong)b).AsUInt32();
            return Vector512.Create(
                Avx2.Multiply(a.GetLower().AsUInt32(), factor),
                Avx2.Multiply(a.GetUpper().AsUInt32(), factor)
            );
        }
        return a * Vector512.Create((ulong)b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DrawWords(long begin, long end, void* context)
    {
        var draw = (Drawing*)context;
        for (long word = begin; word < end; word++)
        {
            var at = (ulong)(draw->First + word);
            draw->Bits[word] = Vector256.IsHardwareAccelerated
                ? VectorWord(at, draw->Threshold, draw->Index, draw->Step, draw->Key0, draw->Key1)
                : ScalarWord(at, draw->Threshold, draw->Index, draw->Step, draw->Key0, draw->Key1);
        }
    }

    /// <summary>Returns a table that maps each byte to its bits, four apart.</summary>
    private static uint[] Spread()
    {
        var table = new uint[256];
        for (int i = 0; i < table.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                table[i] |= (uint)((i >> bit) & 1) << (4 * bit);
            }
        }
        return table;
    }

    private readonly struct Drawing(
        ulong* bits,
        long first,
        ulong threshold,
        uint index,
        uint step,
        uint key0,
        uint key1
    )
    {
        public readonly ulong* Bits = bits;
        public readonly long First = first;
        public readonly ulong Threshold = threshold;
        public readonly uint Index = index;
        public readonly uint Step = step;
        public readonly uint Key0 = key0;
        public readonly uint Key1 = key1;
    }
}
