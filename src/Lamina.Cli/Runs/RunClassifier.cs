using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>A run's model, in float32 or quantized, with what it was trained on.</summary>
internal sealed class RunClassifier
{
    private readonly Func<NDArray, int, NDArray> _predict;

    private RunClassifier(Model model, Func<NDArray, int, NDArray> predict, RunInfo info) =>
        (Model, _predict, Info) = (model, predict, info);

    /// <summary>The architecture.</summary>
    public Model Model { get; }

    /// <summary>Classes, preprocessing, data.</summary>
    public RunInfo Info { get; }

    /// <summary>Takes a float32 model.</summary>
    public static RunClassifier Of(Model model, RunInfo info) =>
        new(model, (x, batchSize) => model.Predict(x, batchSize), info);

    /// <summary>Takes a quantized model.</summary>
    public static RunClassifier Of(QuantizedModel model, RunInfo info) => new(model.Model, model.Predict, info);

    /// <summary>Loads one.</summary>
    /// <param name="path">A run's folder, its saved model, or a quantized model.</param>
    /// <param name="quantized">Whether a run's folder means its quantized model.</param>
    /// <param name="half">Whether a float32 model's dense layers keep their weights in 16 bits.</param>
    /// <param name="told">What the command line says that the file does not.</param>
    /// <exception cref="LaminaException">There is none, it is damaged, or it was not made by a training of ours.</exception>
    public static RunClassifier Load(string path, bool quantized, bool half, SourceSettings? told = null)
    {
        string file = Directory.Exists(path) && quantized ? RunFolder.Open(path).Quantized : path;
        if (!File.Exists(file) || !QuantizedFile.Is(file))
        {
            if (quantized)
            {
                throw new LaminaException(
                    File.Exists(file)
                        ? $"{file}: is no quantized model. Leave out --int8, or name what 'alexnet quantize' wrote."
                        : $"{file}: there is no quantized model. Make it with: alexnet quantize {ShellWords.Quote(path)}"
                );
            }
            (Model model, RunInfo info) = RunInfo.Load(path, told);
            model.DensePrecision = half ? WeightPrecision.Float16 : WeightPrecision.Float32;
            return Of(model, info);
        }
        if (half)
        {
            throw new LaminaException($"{file}: a quantized model's weights have 8 bits. Leave out --half.");
        }
        var loaded = QuantizedModel.Load(file);
        return Of(loaded, RunInfo.Of(loaded.Model, loaded.Metadata, file));
    }

    /// <summary>Predicts; logits go through a softmax.</summary>
    /// <returns>(N, classes), each row summing to 1.</returns>
    public NDArray Probabilities(NDArray images, int batchSize) =>
        Classifier.Probabilities(Model, _predict(images, batchSize));
}
