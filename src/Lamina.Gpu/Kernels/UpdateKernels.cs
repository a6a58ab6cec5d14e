using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The coefficients of an update by SGD: m ← momentum·m + a·g + b·w, then w ← c·w + d·m + e·g.</summary>
internal struct SgdStep
{
    public float Momentum;
    public float A;
    public float B;
    public float C;
    public float D;
    public float E;

    /// <summary>The share of the average that is kept; 1 for no average.</summary>
    public float Average;
}

/// <summary>The coefficients of an update by Adam or AdamW.</summary>
internal struct AdamStep
{
    public float Beta1;
    public float Beta2;
    public float Epsilon;

    /// <summary>The rate, corrected for the zeros that the averages began with.</summary>
    public float Rate;

    /// <summary>The factor of the weight, below 1 with weight decay.</summary>
    public float Scale;

    /// <summary>The share of the average that is kept; 1 for no average.</summary>
    public float Average;
}

/// <summary>
/// Updates of float32 weights by bfloat16 gradients in one pass, with the weights' moving average and their copy in bfloat16.
/// </summary>
internal static class UpdateKernels
{
    /// <summary>Updates one weight by SGD with momentum.</summary>
    /// <param name="i">The index of the weight.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="moments">The momentum.</param>
    /// <param name="averages">The averages; of length 0 for none.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="copy">Receives the rounded weights.</param>
    /// <param name="step">The coefficients.</param>
    public static void Sgd(
        Index1D i,
        ArrayView<float> weights,
        ArrayView<float> moments,
        ArrayView<float> averages,
        ArrayView<ushort> gradients,
        ArrayView<ushort> copy,
        SgdStep step
    )
    {
        float w = weights[i];
        float g = BFloat.ToFloat(gradients[i]);
        float m = (moments[i] * step.Momentum) + (g * step.A) + (w * step.B);
        moments[i] = m;
        Store(i, (w * step.C) + (m * step.D) + (g * step.E), weights, averages, copy, step.Average);
    }

    /// <summary>Updates one weight by Adam or AdamW.</summary>
    /// <param name="i">The index of the weight.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="means">The averages of the gradients.</param>
    /// <param name="squares">The averages of their squares.</param>
    /// <param name="averages">The averages of the weights; of length 0 for none.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="copy">Receives the rounded weights.</param>
    /// <param name="step">The coefficients.</param>
    public static void Adam(
        Index1D i,
        ArrayView<float> weights,
        ArrayView<float> means,
        ArrayView<float> squares,
        ArrayView<float> averages,
        ArrayView<ushort> gradients,
        ArrayView<ushort> copy,
        AdamStep step
    )
    {
        float g = BFloat.ToFloat(gradients[i]);
        float m = (means[i] * step.Beta1) + (g * (1 - step.Beta1));
        float v = (squares[i] * step.Beta2) + (g * g * (1 - step.Beta2));
        means[i] = m;
        squares[i] = v;
        float moved = (weights[i] * step.Scale) - (m * step.Rate / (Functions.Root(v) + step.Epsilon));
        Store(i, moved, weights, averages, copy, step.Average);
    }

    private static void Store(
        Index1D i,
        float value,
        ArrayView<float> weights,
        ArrayView<float> averages,
        ArrayView<ushort> copy,
        float average
    )
    {
        weights[i] = value;
        copy[i] = BFloat.Round(value);
        if (i < averages.Length)
        {
            averages[i] = (averages[i] * average) + (value * (1 - average));
        }
    }
}
