using Lamina.Torch;

namespace Lamina;

/// <summary>Runs a forward pass over any number of samples, one batch at a time.</summary>
internal static class BatchedForward
{
    /// <summary>Computes the outputs of all samples.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">One array for each input, with one row per sample.</param>
    /// <param name="batchSize">The number of samples per batch.</param>
    /// <param name="device">The device that computes.</param>
    /// <param name="forward">Computes one batch. It owns the inputs, and the caller owns the results.</param>
    /// <exception cref="ShapeException">The inputs do not match the model.</exception>
    public static NDArray[] Run(
        Model model,
        IReadOnlyList<NDArray> inputs,
        int batchSize,
        Device device,
        Func<Tensor[], Tensor[]> forward
    )
    {
        int count = CountOf(model, inputs);
        NDArray[]? outputs = null;
        for (int start = 0; start < count; start += batchSize)
        {
            int rows = Math.Min(batchSize, count - start);
            Tensor[] fed = Feed.ToTensors(model, [.. inputs.Select(i => i.Samples(start, rows))], device);
            Tensor[] results = forward(fed);
            try
            {
                outputs ??= [.. results.Select(r => new NDArray(Feed.ShapeOf(r).WithBatch(count)))];
                for (int i = 0; i < results.Length; i++)
                {
                    results[i].CopyTo(outputs[i].Samples(start, rows).Values);
                }
            }
            finally
            {
                Feed.Free(results);
            }
        }
        return outputs!;
    }

    private static int CountOf(Model model, IReadOnlyList<NDArray> inputs)
    {
        int count = inputs.Count > 0 ? inputs[0].Count : 0;
        return inputs.All(i => i.Count == count)
            ? count
            : throw new ShapeException($"{model.Name}: the inputs have different numbers of samples.");
    }
}
