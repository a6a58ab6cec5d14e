using Lamina.Quantization;
using Lamina.Quantization.Steps;

namespace Lamina;

/// <summary>Extensions that quantize models to 8 bits by calibration.</summary>
public static class ModelQuantization
{
    extension(Model model)
    {
        /// <summary>
        /// Quantizes the convolutions and dense layers to 8 bits. Weights are symmetric, with one scale per output;
        /// values between layers have codes that the samples calibrate. The model itself does not change.
        /// </summary>
        /// <param name="calibration">
        /// Samples like those that will be predicted; some hundreds are enough. The first
        /// <see cref="QuantizeOptions.Samples"/> of its first epoch are used; targets are ignored.
        /// </param>
        /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
        /// <param name="cancellation">Cancels after the current batch.</param>
        /// <exception cref="LaminaException">
        /// There are no samples, they do not match the model, or values are not finite.
        /// </exception>
        /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
        public QuantizedModel Quantize(
            IBatchSource calibration,
            QuantizeOptions? options = null,
            CancellationToken cancellation = default
        )
        {
            ArgumentNullException.ThrowIfNull(calibration);
            return Quantize(model, calibration.Batches(0).Select(b => b.Inputs), options ?? new(), cancellation);
        }

        /// <summary>Quantizes a model with one input, calibrated by samples in an array.</summary>
        /// <param name="calibration">The samples, one per row.</param>
        /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
        /// <param name="cancellation">Cancels after the current batch.</param>
        /// <exception cref="LaminaException">
        /// There are no samples, they do not match the model, or values are not finite.
        /// </exception>
        /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
        public QuantizedModel Quantize(
            NDArray calibration,
            QuantizeOptions? options = null,
            CancellationToken cancellation = default
        )
        {
            ArgumentNullException.ThrowIfNull(calibration);
            options ??= new();
            return Quantize(model, Batches(calibration, options.BatchSize), options, cancellation);
        }
    }

    private static QuantizedModel Quantize(
        Model model,
        IEnumerable<IReadOnlyList<NDArray>> batches,
        QuantizeOptions options,
        CancellationToken cancellation
    )
    {
        options.RequireLayers(model);
        var graph = new IntegerGraph(model, options.FloatLayers.ToHashSet(StringComparer.Ordinal));
        if (graph.IntegerLayers.Count == 0)
        {
            throw new LaminaException(
                $"{model.Name} has nothing to quantize: no convolution or dense layer, or all are kept in float32."
            );
        }
        try
        {
            using var calibrator = new Calibrator(model, graph, options);
            calibrator.Run(batches, cancellation);
            foreach (IntegerStep step in graph.Steps)
            {
                cancellation.ThrowIfCancellationRequested();
                step.Derive(calibrator);
            }
            return new QuantizedModel(
                model,
                graph,
                new QuantizationRecord(options.Method, calibrator.Samples, [.. options.FloatLayers], [])
            );
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    private static IEnumerable<IReadOnlyList<NDArray>> Batches(NDArray samples, int batchSize)
    {
        for (int start = 0; start < samples.Count; start += batchSize)
        {
            yield return [samples.Samples(start, Math.Min(batchSize, samples.Count - start))];
        }
    }
}
