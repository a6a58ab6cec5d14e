using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>Functions that GPUs compute in one or two instructions, with a relative error below 10⁻⁶.</summary>
internal static class Functions
{
    private const float Log2OfE = 1.44269504f;
    private const float LogOf2 = 0.693147181f;

    /// <summary>Returns e to the power of a number.</summary>
    public static float Exp(float x) => IntrinsicMath.CPUOnly.Exp2(x * Log2OfE);

    /// <summary>Returns the natural logarithm.</summary>
    public static float Log(float x) => IntrinsicMath.CPUOnly.Log2(x) * LogOf2;

    /// <summary>Returns a positive number to the power of another.</summary>
    public static float Pow(float x, float exponent) =>
        IntrinsicMath.CPUOnly.Exp2(exponent * IntrinsicMath.CPUOnly.Log2(x));

    /// <summary>Returns the square root.</summary>
    public static float Root(float x) => IntrinsicMath.CPUOnly.Sqrt(x);

    /// <summary>Returns 1 by the square root.</summary>
    public static float InverseRoot(float x) => 1 / IntrinsicMath.CPUOnly.Sqrt(x);
}
