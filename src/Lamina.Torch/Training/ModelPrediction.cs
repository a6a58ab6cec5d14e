namespace Lamina;

/// <summary>Extensions for every model with Keras's predict.</summary>
public static class ModelPrediction
{
    extension(Model model)
    {
        /// <summary>
        /// The precision in which <c>Predict</c> keeps the kernels of dense layers on a CPU. Default: float32. Training
        /// and evaluation use the float32 weights, which are kept beside them.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">The value is not a precision.</exception>
        public WeightPrecision DensePrecision
        {
            get => (model.Engine as ModelEngine)?.Precision ?? default;
            set
            {
                if (!Enum.IsDefined(value))
                {
                    throw new ArgumentOutOfRangeException(nameof(value), value, "This is not a precision.");
                }
                ModelEngine.Of(model).Precision = value;
            }
        }

        /// <summary>Computes the output for these inputs; the model need not be compiled.</summary>
        /// <remarks>
        /// Thread-safe; calls from several threads run one after another. While another thread trains, each batch is
        /// computed between two training steps.
        /// </remarks>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="batchSize">The number of samples per batch.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <param name="precision">
        /// The precision. Default: the one that the model is compiled for, else <see cref="ComputePrecision.Float32"/>.
        /// </param>
        /// <exception cref="ShapeException">
        /// The inputs do not match the model, or it does not have exactly one input and output.
        /// </exception>
        public NDArray Predict(
            NDArray x,
            int batchSize = 32,
            Device? device = null,
            ComputePrecision? precision = null
        ) =>
            (model.Inputs.Count, model.Outputs.Count) is (1, 1)
                ? model.PredictAll([x], batchSize, device, precision)[0]
                : throw new ShapeException(
                    $"{model.Name} has {model.Inputs.Count} inputs and {model.Outputs.Count} outputs; Predict accepts one of each. Use PredictAll."
                );

        /// <summary>Computes the logits for these inputs; the model need not be compiled.</summary>
        /// <remarks>
        /// The logits are the input of the softmax that ends the model, or its output if there is none. Losses computed
        /// from them are exact where probabilities round to 0.
        /// </remarks>
        /// <param name="x">The inputs, one row per sample.</param>
        /// <param name="batchSize">The number of samples per batch.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <param name="precision">
        /// The precision. Default: the one that the model is compiled for, else <see cref="ComputePrecision.Float32"/>.
        /// </param>
        /// <returns>The logits, in the shape of the output.</returns>
        /// <exception cref="ShapeException">
        /// The inputs do not match the model, or it does not have exactly one input and output.
        /// </exception>
        public NDArray PredictLogits(
            NDArray x,
            int batchSize = 32,
            Device? device = null,
            ComputePrecision? precision = null
        )
        {
            ArgumentNullException.ThrowIfNull(x);
            Arguments.RequireAtLeast(1, batchSize);
            return ModelEngine
                .Of(model)
                .PredictLogits([x], batchSize, DeviceOf(model, device), PrecisionOf(model, precision));
        }

        /// <summary>Computes the outputs for these inputs, one array each.</summary>
        /// <param name="inputs">One array for each input, with one row per sample.</param>
        /// <param name="batchSize">The number of samples per batch.</param>
        /// <param name="device">
        /// The device that computes. Default: the one that the model is compiled for, else <see cref="Device.Cpu"/>.
        /// </param>
        /// <param name="precision">
        /// The precision. Default: the one that the model is compiled for, else <see cref="ComputePrecision.Float32"/>.
        /// </param>
        /// <exception cref="ShapeException">The inputs do not match the model.</exception>
        public IReadOnlyList<NDArray> PredictAll(
            IReadOnlyList<NDArray> inputs,
            int batchSize = 32,
            Device? device = null,
            ComputePrecision? precision = null
        )
        {
            ArgumentNullException.ThrowIfNull(inputs);
            Arguments.RequireAtLeast(1, batchSize);
            return ModelEngine
                .Of(model)
                .Predict(inputs, batchSize, DeviceOf(model, device), PrecisionOf(model, precision));
        }
    }

    /// <summary>Returns the requested device, or the one that the model is compiled for, or the CPU.</summary>
    internal static Device DeviceOf(Model model, Device? asked) => asked ?? model.Compiled?.Device ?? Device.Cpu;

    /// <summary>Returns the requested precision, or the one that the model is compiled for, or float32.</summary>
    internal static ComputePrecision PrecisionOf(Model model, ComputePrecision? asked) =>
        ModelTraining.Defined(asked ?? model.Compiled?.Precision ?? ComputePrecision.Float32);
}
