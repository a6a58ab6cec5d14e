using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina;

/// <summary>
/// Resizes pixels of three channels: first vertically, from bytes in wide vectors, so that only output rows are then
/// resized horizontally, pixel by pixel with scale and offset. The order of sums does not depend on the vector width, so
/// that all processors agree. Keeps a row of scratch memory.
/// </summary>
internal sealed class ColorResizer
{
    private readonly ColorCopier _copier = new();
    private float[] _row = [];

    public void Resize(PixelBuffer image, FilterWeights down, FilterWeights across, Affine affine, Span<float> output)
    {
        if (down.Copies is var (top, below) && across.Copies is var (left, right))
        {
            _copier.Copy(image, (top, below), (left, right), affine, output);
            return;
        }
        int width = Math.Max(across.End - across.First, 0);
        int used = (width + across.MostTaps) * 3 + 4;
        if (_row.Length < used)
        {
            _row = new float[used];
        }
        int stride = across.Offsets.Length * 3;
        for (int y = 0; y < down.Offsets.Length; y++)
        {
            Down(image, down, y, across.First, _row.AsSpan(0, width * 3));
            Across(_row.AsSpan(0, used), across, affine, output.Slice(y * stride, stride));
        }
    }

    private static void Down(PixelBuffer image, FilterWeights down, int y, int left, Span<float> row)
    {
        ReadOnlySpan<float> weights = down.Row(y);
        if (weights.IsEmpty || row.IsEmpty)
        {
            row.Clear();
            return;
        }
        int rowBytes = image.Width * 3;
        // The spans check that the first and last rows are in the image; the loops below need no further checks.
        ref byte source = ref MemoryMarshal.GetReference(image.Row(down.Starts[y], left, row.Length / 3));
        _ = image.Row(down.Starts[y] + weights.Length - 1, left, row.Length / 3);
        ref float target = ref MemoryMarshal.GetReference(row);
        int x = 0;
        if (Avx512F.IsSupported)
        {
            for (; x <= row.Length - Vector512<float>.Count; x += Vector512<float>.Count)
            {
                Vector512<float> sum = default;
                for (int k = 0, at = x; k < weights.Length; k++, at += rowBytes)
                {
                    Vector128<byte> bytes = Vector128.LoadUnsafe(ref source, (nuint)at);
                    Vector512<int> wide = Avx512F.ConvertToVector512Int32(bytes);
                    sum += Vector512.ConvertToSingle(wide) * weights[k];
                }
                sum.StoreUnsafe(ref target, (nuint)x);
            }
        }
        for (; x <= row.Length - Vector256<float>.Count; x += Vector256<float>.Count)
        {
            Vector256<float> sum = default;
            for (int k = 0, at = x; k < weights.Length; k++, at += rowBytes)
            {
                ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at));
                Vector128<ushort> shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(eight).AsByte());
                (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(shorts);
                sum += Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32()) * weights[k];
            }
            sum.StoreUnsafe(ref target, (nuint)x);
        }
        for (; x < row.Length; x++)
        {
            float sum = 0;
            for (int k = 0, at = x; k < weights.Length; k++, at += rowBytes)
            {
                sum += Unsafe.Add(ref source, at) * weights[k];
            }
            Unsafe.Add(ref target, x) = sum;
        }
    }

    /// <summary>Writes pixels as vectors of red, green, blue and a fourth value, which the next pixel overwrites.</summary>
    private static void Across(ReadOnlySpan<float> row, FilterWeights across, Affine affine, Span<float> output)
    {
        int taps = across.MostTaps;
        Vector128<float> scale = affine.Scale;
        Vector128<float> offset = affine.Offset;
        Vector128<float> white = Vector128.Create((float)byte.MaxValue);
        ref float source = ref MemoryMarshal.GetReference(row);
        ref float target = ref MemoryMarshal.GetReference(output);
        ref float weights = ref MemoryMarshal.GetArrayDataReference(across.Weights);
        int[] offsets = across.Offsets;
        for (int x = 0; x < offsets.Length; x++)
        {
            ref float pixel = ref Unsafe.Add(ref source, offsets[x] * 3);
            Vector128<float> sum = default;
            for (int k = 0; k < taps; k++)
            {
                sum += Vector128.LoadUnsafe(ref Unsafe.Add(ref pixel, k * 3)) * Unsafe.Add(ref weights, k);
            }
            if (across.Overshoots)
            {
                sum = Vector128.Min(Vector128.Max(sum, Vector128<float>.Zero), white);
            }
            sum = (sum * scale) + offset;
            if (x < offsets.Length - 1)
            {
                sum.StoreUnsafe(ref Unsafe.Add(ref target, x * 3));
            }
            else
            {
                for (int c = 0; c < 3; c++)
                {
                    Unsafe.Add(ref target, (x * 3) + c) = sum[c];
                }
            }
            weights = ref Unsafe.Add(ref weights, across.Taps);
        }
    }
}
