namespace Lamina;

/// <summary>Extensions that estimate batch normalization's statistics for the present weights.</summary>
public static class ModelStatistics
{
    extension(Model model)
    {
        /// <summary>Replaces the moving statistics of batch normalization by those of the present weights over data.</summary>
        /// <remarks>
        /// Moving averages lag behind the weights: they need some hundred steps at Keras's momentum of 0.99 to forget
        /// their initial values, and do not reflect weights that were averaged, converted or set. After this, each
        /// unfrozen <see cref="BatchNormalization"/> holds the mean and variance of its own input over all rows of the
        /// samples, where the layers before it normalize by their batches, as in training. The purpose is that of
        /// PyTorch's <c>update_bn</c>, with the exact variance of all rows (Wu &amp; Johnson 2021, "precise batch
        /// normalization"; some thousand samples are enough). The model need not be compiled. Compile's
        /// <c>statisticsSamples</c> makes Fit do this after each epoch.
        /// </remarks>
        /// <param name="data">The data, shuffled and augmented as in training. Targets are not read.</param>
        /// <param name="samples">
        /// The minimum number of samples to use, at least 1; the first batches of the data's epoch 0 are read until
        /// they contain as many. Default: all.
        /// </param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <exception cref="LaminaException">The data contains no samples, or does not match the model.</exception>
        public void EstimateStatistics(IBatchSource data, int samples = int.MaxValue, Device? device = null)
        {
            ArgumentNullException.ThrowIfNull(data);
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            using var pass = StatisticsPass.Of(
                model,
                ModelPrediction.DeviceOf(model, device),
                ModelPrediction.PrecisionOf(model, null)
            );
            pass?.Run(data, epoch: 0, samples, seed: 0, step: 0, default);
        }

        /// <summary>Replaces the moving statistics of batch normalization by those of the present weights over an array.</summary>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="batchSize">The number of samples per batch.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <exception cref="LaminaException">There are no samples, or the array does not match the model.</exception>
        public void EstimateStatistics(NDArray x, int batchSize = 32, Device? device = null) =>
            model.EstimateStatistics(new ArraySource(x, null, batchSize) { ReuseBuffers = true }, device: device);
    }
}
