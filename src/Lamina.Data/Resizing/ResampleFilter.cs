namespace Lamina;

/// <summary>The weighting function of pixels by their distance from the center of an output.</summary>
/// <param name="Support">The distance from which weights are 0, at the original size.</param>
/// <param name="Weight">Returns the weight at a distance.</param>
/// <param name="Widens"><see langword="true"/> if the function widens when shrinking, to weight all covered pixels.</param>
internal sealed record ResampleFilter(double Support, Func<double, double> Weight, bool Widens = true)
{
    private static readonly ResampleFilter s_bilinear = new(1, Triangle);
    private static readonly ResampleFilter s_point = new(1, Triangle, Widens: false);
    private static readonly ResampleFilter s_bicubic = new(2, Cubic);
    private static readonly ResampleFilter s_lanczos = new(3, x => Math.Abs(x) < 3 ? Sinc(x) * Sinc(x / 3) : 0);
    private static readonly ResampleFilter s_box = new(0.5, x => x is > -0.5 and <= 0.5 ? 1 : 0);

    /// <summary>Returns the filter of an interpolation; the nearest pixel does not use one.</summary>
    public static ResampleFilter Of(Interpolation interpolation) =>
        interpolation switch
        {
            Interpolation.BilinearPoint => s_point,
            Interpolation.Bicubic => s_bicubic,
            Interpolation.Lanczos => s_lanczos,
            Interpolation.Box => s_box,
            _ => s_bilinear,
        };

    /// <summary>Returns <see langword="true"/> if negative weights may move results outside the pixel range.</summary>
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
