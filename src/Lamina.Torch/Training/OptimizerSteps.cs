namespace Lamina;

/// <summary>Extensions for every optimizer, for training loops that a program writes itself.</summary>
public static class OptimizerSteps
{
    extension(Optimizer optimizer)
    {
        /// <summary>Compiles a step that computes a loss and updates weights by its gradients.</summary>
        /// <param name="loss">
        /// The loss, a symbol computed from inputs by layers and <see cref="Ops"/>. If it is not a number, such as one value
        /// per sample, the step minimizes its mean.
        /// </param>
        /// <param name="weights">The weights to update, such as a model's <c>TrainableWeights</c>.</param>
        /// <param name="inputs">
        /// The inputs of the function, in the order of its arguments. Default: all inputs that the loss depends on, in the
        /// order in which it reads them.
        /// </param>
        /// <param name="values">Further symbols whose values a step returns. Default: none.</param>
        /// <param name="seed">The seed of dropout and random layers. Default: 0.</param>
        /// <param name="device">The device that computes. Default: <see cref="Device.Cpu"/>.</param>
        /// <exception cref="GraphException">No gradient reaches a weight, or an input is missing.</exception>
        public Minimizer Minimize(
            Symbol loss,
            IReadOnlyList<Weight> weights,
            IReadOnlyList<Symbol>? inputs = null,
            IReadOnlyList<Symbol>? values = null,
            long seed = 0,
            Device device = default
        )
        {
            ArgumentNullException.ThrowIfNull(optimizer);
            ArgumentNullException.ThrowIfNull(loss);
            ArgumentNullException.ThrowIfNull(weights);
            return new Minimizer(loss, optimizer, weights, inputs, values ?? []) { Seed = seed, Device = device };
        }

        /// <summary>
        /// Returns an updater of weights by gradients that the program has, like Keras's <c>optimizer.apply</c>. It keeps
        /// the optimizer's state of these weights.
        /// </summary>
        /// <param name="weights">The weights, in the order of the gradients.</param>
        public GradientUpdater UpdaterOf(IReadOnlyList<Weight> weights)
        {
            ArgumentNullException.ThrowIfNull(optimizer);
            ArgumentNullException.ThrowIfNull(weights);
            return new GradientUpdater(optimizer, weights);
        }
    }
}
