using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina;

/// <summary>
/// Converts a window of three channels that keeps its size, perhaps mirrored: the values are those of <see cref="ColorResizer"/>
/// without its sums. Keeps a row of scratch memory.
/// </summary>
internal sealed class ColorCopier
{
    private const int PixelsAtOnce = 5;

    private byte[] _mirrored = [];

    /// <summary>Converts the window.</summary>
    /// <param name="image">The image.</param>
    /// <param name="rows">The first row and the step to the next.</param>
    /// <param name="columns">The first column and the step to the next.</param>
    /// <param name="affine">The map of byte values, of one row's width.</param>
    /// <param name="output">Receives all values.</param>
    public void Copy(
        PixelBuffer image,
        (int First, int Step) rows,
        (int First, int Step) columns,
        Affine affine,
        Span<float> output
    )
    {
        int width = affine.Width;
        int stride = width * 3;
        int left = columns.Step > 0 ? columns.First : columns.First - width + 1;
        PixelBuffer.Ensure(ref _mirrored, stride + Vector128<byte>.Count);
        for (int y = 0; (y + 1) * stride <= output.Length; y++)
        {
            ReadOnlySpan<byte> row = image.Row(rows.First + (y * rows.Step), left, width);
            if (columns.Step < 0)
            {
                Mirror(row, _mirrored);
                row = _mirrored.AsSpan(0, stride);
            }
            affine.Apply(row, output.Slice(y * stride, stride));
        }
    }

    // Each write of five pixels has an excess byte, which the next overwrites.
    private static void Mirror(ReadOnlySpan<byte> row, Span<byte> mirrored)
    {
        ref byte source = ref MemoryMarshal.GetReference(row);
        ref byte target = ref MemoryMarshal.GetReference(mirrored[..(row.Length + Vector128<byte>.Count)]);
        var order = Vector128.Create((byte)13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, 0);
        int to = 0;
        int from = row.Length;
        // Sixteen bytes end where the pixels that remain do.
        for (; from >= Vector128<byte>.Count; from -= PixelsAtOnce * 3, to += PixelsAtOnce * 3)
        {
            Vector128<byte> pixels = Vector128.LoadUnsafe(ref source, (nuint)(from - Vector128<byte>.Count));
            Vector128.Shuffle(pixels, order).StoreUnsafe(ref target, (nuint)to);
        }
        for (; from > 0; from -= 3, to += 3)
        {
            row.Slice(from - 3, 3).CopyTo(mirrored[to..]);
        }
    }
}
