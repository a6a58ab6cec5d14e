using System.Numerics;

namespace Lamina.Runs.Results;

/// <summary>Converts a model's outputs to class probabilities.</summary>
internal static class Classifier
{
    /// <summary>Returns <see langword="true"/> if a model's outputs are probabilities.</summary>
    public static bool EndsInSoftmax(Model model) => model.Outputs[0].Producer.Op is SoftmaxOp;

    /// <summary>Predicts class probabilities; applies a softmax to logits.</summary>
    /// <returns>(N, classes), each row summing to 1.</returns>
    public static NDArray Probabilities(Model model, NDArray images, int batchSize) =>
        Probabilities(model, model.Predict(images, batchSize));

    /// <summary>Returns a model's outputs as probabilities; applies a softmax to logits in place.</summary>
    public static NDArray Probabilities(Model model, NDArray outputs)
    {
        if (!EndsInSoftmax(model))
        {
            Softmax(outputs);
        }
        return outputs;
    }

    /// <summary>Replaces scores by probabilities.</summary>
    /// <param name="scores">(N, classes).</param>
    /// <param name="temperature">The divisor of the scores, above 0.</param>
    public static void Softmax(NDArray scores, double temperature = 1)
    {
        int width = scores.Shape[1]!.Value;
        for (int row = 0; row < scores.Count; row++)
        {
            Softmax(scores.Values.Slice(row * width, width), (float)temperature);
        }
    }

    public static int ArgMax<T>(ReadOnlySpan<T> scores)
        where T : INumber<T>
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    /// <summary>Returns the best classes, best first; the first of equals.</summary>
    public static IReadOnlyList<(int Index, float Probability)> Top(ReadOnlySpan<float> scores, int count)
    {
        float[] values = scores.ToArray();
        var order = new int[values.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(order, new HighestFirst(values));
        var best = new (int, float)[Math.Min(count, order.Length)];
        for (int i = 0; i < best.Length; i++)
        {
            best[i] = (order[i], values[order[i]]);
        }
        return best;
    }

    private sealed class HighestFirst(float[] values) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            int byValue = values[y].CompareTo(values[x]);
            return byValue != 0 ? byValue : x.CompareTo(y);
        }
    }

    private static void Softmax(Span<float> row, float temperature)
    {
        float max = row[ArgMax(row)];
        double sum = 0;
        foreach (ref float value in row)
        {
            value = MathF.Exp((value - max) / temperature);
            sum += value;
        }
        foreach (ref float value in row)
        {
            value = (float)(value / sum);
        }
    }
}
