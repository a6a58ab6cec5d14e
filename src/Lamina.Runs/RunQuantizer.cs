using Lamina.Runs.Data;
using Lamina.Runs.Folder;

namespace Lamina.Runs;

/// <summary>Quantizes the model of a run: calibrates it on images, saves it, and compares it with the float32 model.</summary>
public static class RunQuantizer
{
    private const int BatchSize = 32;

    /// <summary>Quantizes a model to 8 bits.</summary>
    /// <param name="run">A run folder, or a saved model.</param>
    /// <param name="options">The calibration and the file to write; the defaults if null.</param>
    /// <param name="observer">The observer of skipped images and warnings. Default: none.</param>
    /// <param name="cancellation">Cancels the calibration or the test.</param>
    /// <exception cref="LaminaException">The model or the images cannot be read, or the file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static QuantizationResult Quantize(
        string run,
        QuantizationOptions? options = null,
        RunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        options ??= new QuantizationOptions();
        observer ??= new RunObserver();
        (Model model, RunInfo info) = RunInfo.Load(run);
        string output = OutputPath(run, options.Output);
        RequireWritable(output);
        LabeledImages images = options.Calibrate is { } folder
            ? DataSelection.OpenUnlabeled(folder, options.Format, cancellation)
            : DataSelection.OpenTrain(info.DataOf(run), info.Classes, cancellation);
        foreach (SkippedImage skipped in images.SkippedFolders)
        {
            observer.OnSkipped(skipped);
        }
        using QuantizedModel quantized = model.Quantize(
            Loader(images, info, observer, shuffle: true),
            options.Quantize,
            cancellation
        );
        quantized.Save(output, info.ToJson());
        (Evaluation Before, Evaluation After)? tests = Test(run, model, quantized, info, observer, cancellation);
        return new QuantizationResult
        {
            File = output,
            Bytes = new FileInfo(output).Length,
            FloatBytes = model.Weights.Sum(w => w.Count) * sizeof(float),
            CalibrationImages = quantized.CalibrationSamples,
            FloatTest = tests?.Before,
            Test = tests?.After,
        };
    }

    private static (Evaluation Before, Evaluation After)? Test(
        string run,
        Model model,
        QuantizedModel quantized,
        RunInfo info,
        RunObserver observer,
        CancellationToken cancellation
    )
    {
        LabeledImages test;
        try
        {
            test = DataSelection.OpenTest(info.DataOf(run), info.Classes, cancellation);
        }
        catch (DataException e)
        {
            observer.OnWarning(Text.OneLine.Of($"accuracy is not measured: {e.Message}"));
            return null;
        }
        DataLoader loader = Loader(test, info, observer, shuffle: false);
        var before = RunClassifier.Of(run, model, info);
        var after = RunClassifier.Of(run, quantized, info);
        return (
            Evaluation.Run(model, before.Logits, loader, cancellation),
            Evaluation.Run(model, after.Logits, loader, cancellation)
        );
    }

    private static DataLoader Loader(LabeledImages images, RunInfo info, RunObserver observer, bool shuffle) =>
        new(
            images,
            info.Preprocessing,
            new DataLoaderOptions
            {
                BatchSize = BatchSize,
                Shuffle = shuffle,
                ReuseBuffers = true,
                OnSkipped = observer.OnSkipped,
            }
        );

    private static string OutputPath(string run, string? output)
    {
        if (output is not null)
        {
            return Directory.Exists(output) ? RunFolder.Open(output).Quantized : output;
        }
        // For a model that is not in a run folder, beside it.
        return RunFolder.ModelPathOf(run) != run
            ? RunFolder.Open(run).Quantized
            : Path.ChangeExtension(Path.TrimEndingDirectorySeparator(run), null) + ".int8.safetensors";
    }

    // Checked before minutes of computation.
    private static void RequireWritable(string path)
    {
        if (Directory.Exists(path))
        {
            throw new LaminaException($"{path}: is a folder. Use a file name.");
        }
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new LaminaException($"{path}: folder {folder} does not exist. Create it, or use another path.");
        }
    }
}
