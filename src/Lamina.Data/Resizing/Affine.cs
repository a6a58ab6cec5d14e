using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina;

/// <summary>
/// The map <c>value × scale + offset</c> per channel, for rows of one width. The factors are laid out as a row, so that
/// rows are computed in vectors for any number of channels.
/// </summary>
internal sealed class Affine
{
    private readonly float[] _scales;
    private readonly float[] _offsets;
    private readonly Vector128<float> _scale;
    private readonly Vector128<float> _offset;

    /// <summary>Creates the map.</summary>
    /// <param name="width">The number of pixels in a row.</param>
    /// <param name="scales">The factor of each of 1 or 3 channels.</param>
    /// <param name="offsets">The offset of each channel.</param>
    public Affine(int width, ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets)
    {
        Channels = scales.Length;
        Width = width;
        (_scales, _offsets) = (new float[width * Channels], new float[width * Channels]);
        for (int i = 0; i < _scales.Length; i++)
        {
            (_scales[i], _offsets[i]) = (scales[i % Channels], offsets[i % Channels]);
        }
        if (Channels == 3)
        {
            _scale = Vector128.Create(scales[0], scales[1], scales[2], 0);
            _offset = Vector128.Create(offsets[0], offsets[1], offsets[2], 0);
        }
    }

    /// <summary>Returns the identity map.</summary>
    public static Affine Identity(int width, int channels) =>
        new(width, channels == 1 ? [1] : [1, 1, 1], new float[channels]);

    /// <summary>The number of output channels.</summary>
    public int Channels { get; }

    /// <summary>The number of pixels in a row.</summary>
    public int Width { get; }

    /// <summary>The three factors, and a 0.</summary>
    public Vector128<float> Scale => _scale;

    /// <summary>The three offsets, and a 0.</summary>
    public Vector128<float> Offset => _offset;

    /// <summary>Maps a row of bytes with as many channels as the output.</summary>
    public void Apply(ReadOnlySpan<byte> line, Span<float> output)
    {
        _ = output[..line.Length];
        ref byte source = ref MemoryMarshal.GetReference(line);
        ref float target = ref MemoryMarshal.GetReference(output);
        ref float scales = ref MemoryMarshal.GetReference(_scales.AsSpan(0, line.Length));
        ref float offsets = ref MemoryMarshal.GetReference(_offsets.AsSpan(0, line.Length));
        int i = 0;
        for (; i <= line.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, i));
            Vector128<byte> bytes = Vector128.CreateScalarUnsafe(eight).AsByte();
            Vector256<float> values = Vector256.ConvertToSingle(Widen(bytes));
            values *= Vector256.LoadUnsafe(ref scales, (nuint)i);
            (values + Vector256.LoadUnsafe(ref offsets, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        }
        for (; i < line.Length; i++)
        {
            output[i] = (line[i] * _scales[i]) + _offsets[i];
        }
    }

    private static Vector256<int> Widen(Vector128<byte> bytes)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(bytes);
        }
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.WidenLower(bytes));
        return Vector256.Create(low, high).AsInt32();
    }

    /// <summary>Maps a row, possibly in place; a gray row is repeated in each channel.</summary>
    public void Apply(ReadOnlySpan<float> line, int lineChannels, Span<float> output)
    {
        if (lineChannels == Channels)
        {
            Map(line, output);
        }
        else
        {
            Repeat(line, output);
        }
    }

    private void Map(ReadOnlySpan<float> line, Span<float> output)
    {
        int i = 0;
        for (; i <= line.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> mapped = new Vector<float>(line[i..]) * new Vector<float>(_scales, i);
            (mapped + new Vector<float>(_offsets, i)).CopyTo(output[i..]);
        }
        for (; i < line.Length; i++)
        {
            output[i] = (line[i] * _scales[i]) + _offsets[i];
        }
    }

    private void Repeat(ReadOnlySpan<float> line, Span<float> output)
    {
        int last = line.Length - 1;
        for (int x = 0; x < last; x++)
        {
            ((_scale * line[x]) + _offset).CopyTo(output[(x * 3)..]);
        }
        for (int c = 0; c < 3; c++)
        {
            output[(last * 3) + c] = (line[last] * _scale[c]) + _offset[c];
        }
    }
}
