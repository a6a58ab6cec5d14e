namespace Lamina.Torch.Cpu;

/// <summary>
/// F(m×m, r×r): how Winograd's algorithm makes m×m outputs of an r×r kernel from a 6×6 tile of the input, with 36
/// multiplications a channel in the place of m²r². Both schemes evaluate at the points 0, ±1, ±2, ∞, so they share the
/// transform of the input. Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015.
/// </summary>
/// <param name="Outputs">m, the outputs of a tile along an axis.</param>
/// <param name="Taps">r, the kernel's size along an axis; m + r − 1 = 6.</param>
/// <param name="KernelMatrix">G, 6 rows of r: the kernel's values at the points.</param>
internal sealed record TileScheme(int Outputs, int Taps, float[] KernelMatrix)
{
    /// <summary>The height and width of an input tile.</summary>
    public const int Size = 6;

    /// <summary>The points of a tile: so many matrix products stand for one convolution.</summary>
    public const int Points = Size * Size;

    private static readonly double[] s_at = [0, 1, -1, 2, -2];

    // What the input's transform leaves out at each point, so that it needs no fractions.
    private static readonly double[] s_scale = [1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24];

    private static readonly TileScheme s_three = Create(3);
    private static readonly TileScheme s_five = Create(5);

    /// <summary>The scheme for kernels of this size, if there is one.</summary>
    public static TileScheme? For(int taps) =>
        taps switch
        {
            3 => s_three,
            5 => s_five,
            _ => null,
        };

    private static TileScheme Create(int taps)
    {
        var matrix = new float[Size * taps];
        for (int tap = 0; tap < taps; tap++)
        {
            for (int point = 0; point < s_at.Length; point++)
            {
                matrix[(point * taps) + tap] = (float)(s_scale[point] * Math.Pow(s_at[point], tap));
            }
        }
        matrix[^1] = 1;
        return new TileScheme(Size + 1 - taps, taps, matrix);
    }
}
