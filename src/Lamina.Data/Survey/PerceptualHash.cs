using System.Numerics;

namespace Lamina;

/// <summary>
/// A hash of an image's looks: whether brightness rises from each cell of a 9×9 grid to the next, to the right and down.
/// Rescaled and recompressed copies differ in few of the 128 bits; other images differ in about half.
/// </summary>
internal static class PerceptualHash
{
    /// <summary>The bits.</summary>
    public const int Bits = 128;

    /// <summary>The side of the grid that is compared.</summary>
    public const int Grid = 9;

    private const int Cells = Grid - 1;

    /// <summary>Returns the hash of a thumbnail of 9×9 pixels.</summary>
    public static UInt128 Of(Thumbnail thumbnail)
    {
        Span<int> light = stackalloc int[Grid * Grid];
        for (int i = 0; i < light.Length; i++)
        {
            ReadOnlySpan<byte> pixel = thumbnail.Pixels.AsSpan(i * thumbnail.Channels, thumbnail.Channels);
            // The weights of ITU-R 601 in thousandths.
            light[i] = pixel.Length == 1 ? 1000 * pixel[0] : (299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2]);
        }
        UInt128 hash = 0;
        for (int y = 0; y < Cells; y++)
        {
            for (int x = 0; x < Cells; x++)
            {
                int at = (y * Grid) + x;
                hash = (hash << 1) | (light[at + 1] > light[at] ? 1u : 0u);
                hash = (hash << 1) | (light[at + Grid] > light[at] ? 1u : 0u);
            }
        }
        return hash;
    }

    /// <summary>Returns the number of different bits.</summary>
    public static int Distance(UInt128 a, UInt128 b)
    {
        UInt128 difference = a ^ b;
        return BitOperations.PopCount((ulong)difference) + BitOperations.PopCount((ulong)(difference >> 64));
    }
}
