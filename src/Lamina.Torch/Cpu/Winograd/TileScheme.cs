namespace Lamina.Torch.Cpu;

/// <summary>
/// The scheme F(m×m, r×r) of Winograd's algorithm, which computes m×m outputs of an r×r kernel from a 6×6 tile of the
/// input. It takes 36 multiplications per channel instead of m²r². Both schemes evaluate at the points 0, ±1, ±2, ∞, so
/// they share the transform of the input. Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks,
/// 2015.
/// </summary>
/// <param name="Outputs">The number m of outputs of a tile along an axis.</param>
/// <param name="Taps">The size r of the kernel along an axis; m + r − 1 = 6.</param>
/// <param name="KernelMatrix">The matrix G, 6 rows of r: the kernel's values at the points.</param>
internal sealed record TileScheme(int Outputs, int Taps, float[] KernelMatrix)
{
    /// <summary>The height and width of an input tile.</summary>
    public const int Size = 6;

    /// <summary>The number of points of a tile, which is the number of matrix products of one convolution.</summary>
    public const int Points = Size * Size;

    private static readonly double[] s_at = [0, 1, -1, 2, -2];

    // The factors that the input's transform omits at each point, so that it needs no fractions.
    private static readonly double[] s_scale = [1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24];

    private static readonly TileScheme s_three = Create(3);
    private static readonly TileScheme s_five = Create(5);

    /// <summary>Returns the scheme for kernels of this size; <see langword="null"/> if there is none.</summary>
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
