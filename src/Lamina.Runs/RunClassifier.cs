using Lamina.Quantization;
using Lamina.Runs.Data;
using Lamina.Runs.Folder;
using Lamina.Runs.Results;

namespace Lamina.Runs;

/// <summary>A trained classifier with its classes and preprocessing, in float32 or quantized.</summary>
public sealed class RunClassifier : IDisposable
{
    private readonly Func<NDArray, int, NDArray> _predict;
    private readonly Func<NDArray, int, NDArray> _predictLogits;
    private readonly IDisposable? _owned;

    private RunClassifier(
        string path,
        Model model,
        Func<NDArray, int, NDArray> predict,
        Func<NDArray, int, NDArray> predictLogits,
        RunInfo info,
        IDisposable? owned = null
    ) => (Path, Model, _predict, _predictLogits, Info, _owned) = (path, model, predict, predictLogits, info, owned);

    /// <summary>The path that the model was loaded from.</summary>
    public string Path { get; }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The classes, the preprocessing and the data of the run.</summary>
    public RunInfo Info { get; }

    /// <summary>The divisor of the scores before the softmax. Default: 1.</summary>
    public double Temperature { get; private init; } = 1;

    /// <summary><see langword="true"/> if the model computes with bytes.</summary>
    public bool IsQuantized { get; private init; }

    /// <summary>Returns a classifier of a float32 model.</summary>
    internal static RunClassifier Of(string path, Model model, RunInfo info) =>
        new(path, model, (x, batchSize) => model.Predict(x, batchSize), (x, n) => model.PredictLogits(x, n), info);

    /// <summary>Returns a classifier of a quantized model, which the caller disposes.</summary>
    internal static RunClassifier Of(string path, QuantizedModel model, RunInfo info) =>
        new(path, model.Model, model.Predict, model.PredictLogits, info) { IsQuantized = true };

    /// <summary>Loads a trained model.</summary>
    /// <param name="path">A run folder, a saved model, a quantized model, or a model file of any format.</param>
    /// <param name="options">The form of the model, and facts that the file does not contain; the defaults if null.</param>
    /// <exception cref="LaminaException">
    /// The file does not exist, is damaged, or does not contain classes or preprocessing.
    /// </exception>
    public static RunClassifier Load(string path, ClassifierOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ClassifierOptions();
        double temperature = options.Calibrated ? CalibrationFile.Read(RunFolder.Open(path).Calibration) : 1;
        string file = Directory.Exists(path) && options.Quantized ? RunFolder.Open(path).Quantized : path;
        if (!File.Exists(file) || !QuantizedFile.Is(file))
        {
            if (options.Quantized)
            {
                throw new LaminaException(
                    File.Exists(file)
                        ? $"{file}: is not a quantized model. Use one, or turn off quantization."
                        : $"{file}: no quantized model. Quantize {path} first."
                );
            }
            (Model model, RunInfo info, Task verification) = RunInfo.Load(path, options.Source, options.MapsWeights);
            model.DensePrecision = options.DensePrecision;
            Device device = options.Device ?? ComputeDevices.Best();
            ComputePrecision precision = options.Precision ?? ComputeDevices.DefaultPrecision(device);
            return new(
                path,
                model,
                (x, n) => Verified(model.Predict(x, n, device, precision), verification),
                (x, n) => Verified(model.PredictLogits(x, n, device, precision), verification),
                info
            )
            {
                Temperature = temperature,
            };
        }
        if (options.DensePrecision != WeightPrecision.Float32)
        {
            throw new LaminaException($"{file}: the weights of a quantized model have 8 bits. Do not request 16 bits.");
        }
        if (options is { Device: { Kind: DeviceKind.Cuda } } or { Precision: ComputePrecision.BFloat16 })
        {
            throw new LaminaException(
                $"{file}: a quantized model computes with bytes on the CPU. Do not request another device or precision."
            );
        }
        var loaded = QuantizedModel.Load(file);
        RunInfo quantized = RunInfo.Of(loaded.Model, loaded.Metadata, file);
        return new(path, loaded.Model, loaded.Predict, loaded.PredictLogits, quantized, loaded)
        {
            IsQuantized = true,
            Temperature = temperature,
        };
    }

    /// <summary>Returns the most probable classes of an image file, the most probable first.</summary>
    /// <param name="image">The path of a JPEG, PNG, WebP, BMP or GIF file.</param>
    /// <param name="top">The most classes to return, at least 1.</param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    public IReadOnlyList<ClassScore> Predict(string image, int top = 5) =>
        Predict(Images.Load(image, Info.Preprocessing), top);

    /// <summary>Returns the most probable classes of an encoded image, the most probable first.</summary>
    /// <param name="image">The content of a JPEG, PNG, WebP, BMP or GIF file.</param>
    /// <param name="name">The name that errors use for it.</param>
    /// <param name="top">The most classes to return, at least 1.</param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    public IReadOnlyList<ClassScore> Predict(byte[] image, string name, int top = 5) =>
        Predict(Images.Load(image, Info.Preprocessing, name), top);

    /// <summary>Returns the most probable classes of a prepared image, the most probable first; the first of equals.</summary>
    /// <param name="image">(1, height, width, channels), as <c>Images.Load</c> returns it with the preprocessing.</param>
    /// <param name="top">The most classes to return, at least 1.</param>
    public IReadOnlyList<ClassScore> Predict(NDArray image, int top = 5)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        IReadOnlyList<(int Index, float Probability)> best = Classifier.Top(Probabilities(image, 1).Values, top);
        var scores = new ClassScore[best.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = new ClassScore(best[i].Index, Info.Classes[best[i].Index], best[i].Probability);
        }
        return scores;
    }

    /// <summary>Returns the probabilities of all classes; applies a softmax to logits.</summary>
    /// <param name="images">(N, height, width, channels), prepared.</param>
    /// <param name="batchSize">The most images to compute at a time, at least 1.</param>
    /// <returns>(N, classes), each row summing to 1.</returns>
    public NDArray Probabilities(NDArray images, int batchSize)
    {
        if (Temperature == 1)
        {
            return Classifier.Probabilities(Model, _predict(images, batchSize));
        }
        NDArray scores = _predictLogits(images, batchSize);
        Classifier.Softmax(scores, Temperature);
        return scores;
    }

    /// <summary>Returns the logits: the input of the final softmax, or the outputs where there is none.</summary>
    /// <returns>(N, classes).</returns>
    internal NDArray Logits(NDArray images, int batchSize) => _predictLogits(images, batchSize);

    /// <summary>Evaluates the model on labeled images.</summary>
    /// <param name="options">The images and settings. Default: the test images of the run.</param>
    /// <param name="observer">The observer of skipped images and warnings. Default: none.</param>
    /// <param name="cancellation">Cancels the evaluation.</param>
    /// <exception cref="LaminaException">The images cannot be found, their classes differ, or none is readable.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was canceled.</exception>
    public Evaluation Evaluate(
        EvaluateOptions? options = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new EvaluateOptions();
        observer ??= new RunObserver();
        options.Validate();
        (LabeledImages images, string? note) = options.Data is { } folder
            ? DataSelection.OpenFor(folder, options.Format, Info.Classes, cancellation)
            : (DataSelection.OpenTest(Info.DataOf(Path), Info.Classes, cancellation), null);
        foreach (SkippedImage skipped in images.SkippedFolders)
        {
            observer.OnSkipped(skipped);
        }
        if (note is not null)
        {
            observer.OnWarning(Text.OneLine.Of(note));
        }
        if (MissingClasses.Warning(images, "test on") is { } warning)
        {
            observer.OnWarning(warning);
        }
        var loader = new DataLoader(
            images,
            Info.Preprocessing,
            new DataLoaderOptions
            {
                // About the same number of rows at a time for any number of crops.
                BatchSize = Math.Max(options.BatchSize / options.Crops, 1),
                Crops = options.Crops,
                Strict = options.Strict,
                ReuseBuffers = true,
                OnSkipped = observer.OnSkipped,
            }
        );
        // The classes of the model; IDX files without names may have fewer.
        return Evaluation.Run(Model, Logits, loader, cancellation) with { Classes = Info.Classes };
    }

    // No result leaves before the weights that it was computed with are known to be intact.
    private static NDArray Verified(NDArray result, Task verification)
    {
        verification.GetAwaiter().GetResult();
        return result;
    }

    /// <summary>Frees the memory of a quantized model.</summary>
    public void Dispose() => _owned?.Dispose();
}
