namespace Lamina;

/// <summary>Batch normalization's statistics for weights that were not trained to where they are.</summary>
public static class ModelStatistics
{
    extension(Model model)
    {
        /// <summary>Replaces the moving statistics of batch normalization by those of the present weights over data.</summary>
        /// <remarks>
        /// Moving averages lag behind the weights: they need some hundred steps at Keras's momentum of 0.99 to forget their
        /// first values, and know nothing of weights that were averaged, converted or set. After this, each unfrozen
        /// <see cref="BatchNormalization"/> holds the mean and variance of its own input over all rows of the samples, where
        /// the layers before it normalize by their batches, as in training. It is what PyTorch's <c>update_bn</c> is for,
        /// with the exact variance of all rows (Wu &amp; Johnson 2021, "precise batch normalization"; some thousand samples
        /// are enough). The model need not be compiled. Compile's <c>statisticsSamples</c> lets Fit do it by itself.
        /// </remarks>
        /// <param name="data">The data, shuffled and augmented as in training. Targets are not read.</param>
        /// <param name="samples">
        /// How many samples to use at least, from 1; the first batches of the data's epoch 0 are read until they hold as many.
        /// Default: all.
        /// </param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <exception cref="LaminaException">The data has no sample, or does not fit the model.</exception>
        public void EstimateStatistics(IBatchSource data, int samples = int.MaxValue, Device? device = null)
        {
            ArgumentNullException.ThrowIfNull(data);
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            using var pass = StatisticsPass.Of(model, ModelTraining.DeviceOf(model, device));
            pass?.Run(data, epoch: 0, samples, seed: 0, step: 0, default);
        }

        /// <summary>Replaces the moving statistics of batch normalization by those of the present weights over an array.</summary>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="batchSize">Samples per batch.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <exception cref="LaminaException">There is no sample, or the array does not fit the model.</exception>
        public void EstimateStatistics(NDArray x, int batchSize = 32, Device? device = null) =>
            model.EstimateStatistics(new ArraySource(x, null, batchSize) { ReuseBuffers = true }, device: device);
    }
}
