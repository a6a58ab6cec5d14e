using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina;

/// <summary>Conversion of RGBA pixels to RGB.</summary>
internal static class Rgba
{
    /// <summary>Packs pixels in place: the next write overwrites the excess of the previous one.</summary>
    public static void DropAlpha(Span<byte> pixels, int count)
    {
        _ = pixels[..(count * 4)];
        ref byte first = ref MemoryMarshal.GetReference(pixels);
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Each write ends before the next pixels to be read.
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
            for (; i <= count - 4; i += 4)
            {
                Vector128<byte> four = Vector128.LoadUnsafe(ref first, (nuint)i * 4);
                Vector128.Shuffle(four, order).StoreUnsafe(ref first, (nuint)i * 3);
            }
        }
        for (; i < count; i++)
        {
            uint rgba = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, i * 4));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, i * 3), rgba);
        }
    }
}
