namespace Lamina.Cli;

/// <summary>What <c>alexnet quantize</c> was asked to do.</summary>
/// <param name="Run">The run's folder, or its saved model.</param>
/// <param name="Calibrate">The images' folder; <see langword="null"/> for what the run was trained on.</param>
/// <param name="Format">Their format; <see langword="null"/> to see what is there.</param>
/// <param name="Images">How many to look at.</param>
/// <param name="Method">How ranges are chosen.</param>
/// <param name="FloatLayers">Layers that stay float32.</param>
/// <param name="Output">The file or run to write; <see langword="null"/> for the standard one.</param>
internal sealed record QuantizationSettings(
    string Run,
    string? Calibrate,
    DataFormat? Format,
    int Images,
    QuantizationMethod Method,
    IReadOnlyList<string> FloatLayers,
    string? Output
);

/// <summary>Calibrates and quantizes a run's model, saves it, and tests both.</summary>
internal sealed class Quantization(QuantizationSettings settings, Terminal terminal)
{
    private const int BatchSize = 32;
    private const double Megabyte = 1e6;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private readonly SkipReports _skipped = new(terminal);

    public int Execute()
    {
        using var interrupts = new Interrupts(
            () => terminal.WriteError("interrupted: ending. Nothing is written that is not whole."),
            terminal
        );
        (Model model, RunInfo info) = RunInfo.Load(settings.Run);
        string output = OutputPath();
        OutputFile.Require(output);
        LabeledImages images = settings.Calibrate is { } folder
            ? DataSelection.OpenUnlabeled(folder, settings.Format)
            : DataSelection.OpenTrain(info.DataOf(settings.Run), info.Classes);
        _skipped.Of(images);
        ModelDetails.Write(terminal, RunClassifier.Of(model, info));
        using QuantizedModel quantized = Calibrated(model, info, images, interrupts.Token);
        quantized.Save(output, info.ToJson());
        terminal.Output.WriteLine(
            Invariant($"calibrated    {quantized.CalibrationSamples} images, {Name(settings.Method)}")
        );
        Report(model, quantized, info, output, interrupts.Token);
        _skipped.Conclude();
        terminal.Output.WriteLine($"file          {ErrorLine.OneLine(output)}");
        return ExitCode.Done;
    }

    private QuantizedModel Calibrated(Model model, RunInfo info, LabeledImages images, CancellationToken interrupt)
    {
        long last = TimeProvider.System.GetTimestamp();
        int all = Math.Min(settings.Images, images.Count);
        return model.Quantize(
            Loader(images, info, shuffle: true),
            new QuantizeOptions
            {
                Method = settings.Method,
                Samples = settings.Images,
                FloatLayers = settings.FloatLayers,
                OnProgress = seen =>
                {
                    if (TimeProvider.System.GetElapsedTime(last) >= s_interval)
                    {
                        last = TimeProvider.System.GetTimestamp();
                        terminal.Say(Invariant($"calibrating   {seen} of {all} images"));
                    }
                },
            },
            interrupt
        );
    }

    private void Report(Model model, QuantizedModel quantized, RunInfo info, string output, CancellationToken interrupt)
    {
        long floats = model.Weights.Sum(w => w.Count) * sizeof(float);
        long bytes = new FileInfo(output).Length;
        terminal.Output.WriteLine("                 float32        int8");
        Row("size, MB", floats / Megabyte, bytes / Megabyte, "F1");
        LabeledImages test;
        try
        {
            test = DataSelection.OpenTest(info.DataOf(settings.Run), info.Classes);
        }
        catch (DataException e)
        {
            terminal.WriteError($"accuracy is not measured: {ErrorLine.Of(e)}");
            return;
        }
        Evaluation before = Tested(RunClassifier.Of(model, info), test, interrupt);
        Evaluation after = Tested(RunClassifier.Of(quantized, info), test, interrupt);
        Row("test top-1, %", 100 * before.Top1, 100 * after.Top1, "F2");
        Row("test top-5, %", 100 * before.Top5, 100 * after.Top5, "F2");
        Row("test loss", before.Loss, after.Loss, "F4");
        terminal.Output.WriteLine(Invariant($"test images   {before.Count}"));
    }

    private Evaluation Tested(RunClassifier classifier, LabeledImages test, CancellationToken interrupt) =>
        Evaluation.Run(classifier, Loader(test, classifier.Info, shuffle: false), interrupt);

    private DataLoader Loader(LabeledImages images, RunInfo info, bool shuffle) =>
        new(
            images,
            info.Preprocessing,
            new DataLoaderOptions
            {
                BatchSize = BatchSize,
                Shuffle = shuffle,
                ReuseBuffers = true,
                OnSkipped = _skipped.Add,
            }
        );

    private void Row(string name, double before, double after, string format) =>
        terminal.Output.WriteLine($"{name, -14}{before.ToString(format, null), 10}{after.ToString(format, null), 12}");

    private string OutputPath()
    {
        if (settings.Output is { } chosen)
        {
            return Directory.Exists(chosen) ? RunFolder.Open(chosen).Quantized : chosen;
        }
        // Of a model that is a folder or a file of its own, beside it.
        return RunFolder.ModelPathOf(settings.Run) != settings.Run
            ? RunFolder.Open(settings.Run).Quantized
            : Path.ChangeExtension(Path.TrimEndingDirectorySeparator(settings.Run), null) + ".int8.safetensors";
    }

    private static string Name(QuantizationMethod method) =>
        method switch
        {
            QuantizationMethod.Percentile => "percentile",
            QuantizationMethod.Entropy => "entropy",
            _ => "min and max",
        };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
