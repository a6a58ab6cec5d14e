namespace Lamina;

/// <summary>The function by which pixels are weighted, by their distance from an output's center.</summary>
/// <param name="Support">The distance from which on pixels weigh nothing, where the image keeps its size.</param>
/// <param name="Weight">The weight at a distance.</param>
/// <param name="Widens">Whether the function widens where the image shrinks, so that each output weighs all that it covers.</param>
internal sealed record ResampleFilter(double Support, Func<double, double> Weight, bool Widens = true)
{
    private static readonly ResampleFilter s_bilinear = new(1, Triangle);
    private static readonly ResampleFilter s_point = new(1, Triangle, Widens: false);
    private static readonly ResampleFilter s_bicubic = new(2, Cubic);
    private static readonly ResampleFilter s_lanczos = new(3, x => Math.Abs(x) < 3 ? Sinc(x) * Sinc(x / 3) : 0);
    private static readonly ResampleFilter s_box = new(0.5, x => x is > -0.5 and <= 0.5 ? 1 : 0);

    /// <summary>Returns the function of an interpolation that weighs pixels; the nearest pixel is found without one.</summary>
    public static ResampleFilter Of(Interpolation interpolation) =>
        interpolation switch
        {
            Interpolation.BilinearPoint => s_point,
            Interpolation.Bicubic => s_bicubic,
            Interpolation.Lanczos => s_lanczos,
            Interpolation.Box => s_box,
            _ => s_bilinear,
        };

    /// <summary>Whether results may lie outside the pixels' range, as weights are negative in places.</summary>
    public static bool Overshoots(Interpolation interpolation) =>
        interpolation is Interpolation.Bicubic or Interpolation.Lanczos;

    private static double Triangle(double x) => Math.Max(1 - Math.Abs(x), 0);

    // Keys 1981 with a = −0.5.
    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1
            : x < 2 ? (((((-0.5 * x) + 2.5) * x) - 4) * x) + 2
            : 0;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
