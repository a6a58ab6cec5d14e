using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The settings of a cross-entropy.</summary>
internal struct CrossEntropyShape
{
    public int Classes;

    /// <summary>The number of highest scores that count for the second count.</summary>
    public int Top;

    /// <summary>The share of the target that is spread over all classes.</summary>
    public float Smoothing;

    /// <summary>The factor of the gradient: the loss's weight by the number of rows.</summary>
    public float Scale;
}

/// <summary>
/// Softmax, its cross-entropy with class indices, the gradient, and the counts of right answers, one group of threads per row.
/// </summary>
internal static class CrossEntropyKernels
{
    private const int MostThreads = 256;

    /// <summary>Computes one row; groups have up to 256 threads.</summary>
    /// <param name="logits">The scores, bfloat16, (rows, classes), replaced by their gradients.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="rows">Receives the loss, and 1 or 0 for top 1 and for top k, (3, rows).</param>
    /// <param name="shape">The settings.</param>
    public static void Rows(
        ArrayView<ushort> logits,
        ArrayView<int> labels,
        ArrayView<float> rows,
        CrossEntropyShape shape
    )
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(MostThreads);
        int row = Grid.IdxX;
        long start = (long)row * shape.Classes;
        int label = labels[row];
        float target = BFloat.ToFloat(logits[start + label]);

        float most = float.NegativeInfinity;
        float total = 0;
        float ahead = 0;
        for (int c = Group.IdxX; c < shape.Classes; c += Group.DimX)
        {
            float score = BFloat.ToFloat(logits[start + c]);
            most = IntrinsicMath.Max(most, score);
            total += score;
            // Of equal scores the first counts as higher, as in argmax.
            ahead += score > target || (score == target && c < label) ? 1 : 0;
        }
        most = Most(shared, most);
        total = Sum(shared, total);
        ahead = Sum(shared, ahead);

        float sum = 0;
        for (int c = Group.IdxX; c < shape.Classes; c += Group.DimX)
        {
            sum += Functions.Exp(BFloat.ToFloat(logits[start + c]) - most);
        }
        sum = Sum(shared, sum);

        float even = shape.Smoothing / shape.Classes;
        for (int c = Group.IdxX; c < shape.Classes; c += Group.DimX)
        {
            float share = Functions.Exp(BFloat.ToFloat(logits[start + c]) - most) / sum;
            float wanted = even + (c == label ? 1 - shape.Smoothing : 0);
            logits[start + c] = BFloat.Round((share - wanted) * shape.Scale);
        }
        if (Group.IdxX == 0)
        {
            int count = (int)labels.Length;
            rows[row] = most + Functions.Log(sum) - ((1 - shape.Smoothing) * target) - (even * total);
            rows[count + row] = ahead < 1 ? 1 : 0;
            rows[(2 * count) + row] = ahead < shape.Top ? 1 : 0;
        }
    }

    /// <summary>Adds up one of the three values over the rows, onto an accumulator that is read when somebody looks.</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="rows">The values of <see cref="Rows"/>, (3, rows).</param>
    /// <param name="accumulators">The sums so far, (3), changed in place.</param>
    public static void Accumulate(Index1D i, ArrayView<float> rows, ArrayView<float> accumulators)
    {
        long count = rows.Length / 3;
        float sum = 0;
        for (long row = 0; row < count; row++)
        {
            sum += rows[(i * count) + row];
        }
        accumulators[i] += sum;
    }

    private static float Sum(ArrayView<float> shared, float value)
    {
        Group.Barrier();
        shared[Group.IdxX] = value;
        Group.Barrier();
        float sum = 0;
        for (int i = 0; i < Group.DimX; i++)
        {
            sum += shared[i];
        }
        return sum;
    }

    private static float Most(ArrayView<float> shared, float value)
    {
        Group.Barrier();
        shared[Group.IdxX] = value;
        Group.Barrier();
        float most = shared[0];
        for (int i = 1; i < Group.DimX; i++)
        {
            most = IntrinsicMath.Max(most, shared[i]);
        }
        return most;
    }
}
