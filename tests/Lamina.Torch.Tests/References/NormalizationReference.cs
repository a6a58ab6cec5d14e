namespace Lamina.Torch.Tests.References;

/// <summary>Batch normalisation (Ioffe and Szegedy 2015) and the paper's normalisation across channels.</summary>
internal static class NormalizationReference
{
    /// <summary>γ · (x − μ) / √(σ² + ε) + β for each channel, by the batch's statistics or by the stored ones.</summary>
    public static Array64 Batch(BatchNormalizationOp op, bool byBatch, IReadOnlyList<Array64> inputs)
    {
        Array64 x = inputs[0];
        int channels = x.Sizes[^1];
        Array64? gamma = op.HasScale ? inputs[3] : null;
        Array64? beta = op.HasCenter ? inputs[op.HasScale ? 4 : 3] : null;
        (double[] means, double[] variances) = byBatch ? Statistics(x) : (inputs[1].Values, inputs[2].Values);
        Array64 y = x.Clone();
        for (int i = 0; i < y.Values.Length; i++)
        {
            int c = i % channels;
            double normal = (x.Values[i] - means[c]) / Math.Sqrt(variances[c] + op.Epsilon);
            y.Values[i] = ((gamma?[c] ?? 1) * normal) + (beta?[c] ?? 0);
        }
        return y;
    }

    /// <summary>The stored averages after a training step.</summary>
    public static (Array64 Mean, Array64 Variance) Moved(BatchNormalizationOp op, IReadOnlyList<Array64> inputs)
    {
        (double[] means, double[] variances) = Statistics(inputs[0]);
        double n = inputs[0].Values.Length / means.Length;
        double correction = op.UnbiasedMovingVariance ? n / (n - 1) : 1;
        return (
            new Array64(inputs[1].Sizes, [.. inputs[1].Values.Zip(means, Move)]),
            new Array64(inputs[2].Sizes, [.. inputs[2].Values.Zip(variances, (old, v) => Move(old, v * correction))])
        );

        double Move(double old, double batch) => (old * op.Momentum) + (batch * (1 - op.Momentum));
    }

    /// <summary>a / (k + α Σ a²)^β, the sum over the channels at most size / 2 away.</summary>
    public static Array64 AcrossChannels(LocalResponseNormalizationOp op, Array64 x)
    {
        var y = new Array64(x.Sizes);
        foreach (int[] at in x.Indices())
        {
            double sum = 0;
            for (int c = at[3] - (op.Size / 2); c <= at[3] + (op.Size / 2); c++)
            {
                if (c >= 0 && c < x.Sizes[3])
                {
                    sum += Math.Pow(x[at[0], at[1], at[2], c], 2);
                }
            }
            y[at] = x[at] / Math.Pow(op.K + (op.Alpha * sum), op.Beta);
        }
        return y;
    }

    private static (double[] Means, double[] Variances) Statistics(Array64 x)
    {
        int channels = x.Sizes[^1];
        var means = new double[channels];
        var variances = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            double[] values = [.. x.Values.Where((_, i) => i % channels == c)];
            means[c] = values.Average();
            variances[c] = values.Average(v => (v - means[c]) * (v - means[c]));
        }
        return (means, variances);
    }
}
