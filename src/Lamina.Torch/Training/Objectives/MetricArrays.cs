using Lamina.Torch;

namespace Lamina;

/// <summary>Extensions that update metrics by arrays.</summary>
public static class MetricArrays
{
    extension(Metric metric)
    {
        /// <summary>Adds a batch of arrays, as a program with a loop of its own does.</summary>
        /// <param name="output">The model's output, (N, …).</param>
        /// <param name="target">
        /// The targets, (N, …): class indices (N) or (N, 1), or one row of class probabilities for each sample.
        /// </param>
        /// <param name="sampleWeights">The weight of each sample, (N); <see langword="null"/> for 1.</param>
        /// <exception cref="LaminaException">The shapes do not match, or a value is not allowed.</exception>
        /// <exception cref="InvalidOperationException">The metric depends on other symbols of a model.</exception>
        public void Update(NDArray output, NDArray target, NDArray? sampleWeights = null)
        {
            ArgumentNullException.ThrowIfNull(output);
            ArgumentNullException.ThrowIfNull(target);
            metric.RequireArrays();
            RequireSamples(metric.Name, output.Shape, target.Shape);
            metric.RequireTargets(target, output.Shape);
            metric.Function ??= new MetricFunction(metric);
            metric.Add(metric.Function.Compute(output, target), sampleWeights);
        }
    }

    private static void RequireSamples(string name, Shape output, Shape target)
    {
        if (output.Rank == 0 || target.Rank == 0 || output[0] != target[0])
        {
            throw new LaminaException(
                $"The metric {name}: the output has shape {output} and the targets have {target}. Give both for the same samples."
            );
        }
    }
}
