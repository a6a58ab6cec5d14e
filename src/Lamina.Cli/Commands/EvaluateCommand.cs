using System.CommandLine;

namespace Lamina.Cli;

/// <summary><c>alexnet evaluate</c>.</summary>
internal static class EvaluateCommand
{
    private const int BatchSize = 32;
    private const int TenCrops = 10;
    private const string Examples = """
          alexnet evaluate runs/walkthrough-20260101-120000
          alexnet evaluate runs/walkthrough-20260101-120000 photos/test
          alexnet evaluate runs/walkthrough-20260101-120000 --crops 10     as the paper tests
          alexnet evaluate runs/walkthrough-20260101-120000 --int8         the quantized model
          alexnet evaluate runs/mnist mnist --format idx --json
        """;

    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "A run's folder, its saved model, or a quantized one." };
        var data = new Argument<string?>("data")
        {
            Description = "Images in class folders, or IDX files. Without: what the run was tested on.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> format = FormatOption.Create();
        Option<int> crops = NumberOption.OneOf(
            "--crops",
            "Averages over 10 crops as the paper does: the corners, the center and their mirror images. Default: 1, the center.",
            1,
            TenCrops
        );
        var source = new SourceOptions();
        Option<bool> quantized = QuantizeCommand.UseOption();
        Option<bool> half = QuantizeCommand.HalfOption();
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var strict = new Option<bool>("--strict")
        {
            Description = "Fails on an image that cannot be read, instead of skipping it.",
        };
        var command = new Command("evaluate", "Tests a run's model: loss, top-1, top-5, classes, confusion matrix.")
        {
            run,
            data,
            format,
            crops,
            quantized,
            half,
            json,
            strict,
        };
        source.All.ToList().ForEach(command.Add);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            return Run(
                terminal,
                parsed.GetValue(run)!,
                RunClassifier.Load(
                    parsed.GetValue(run)!,
                    parsed.GetValue(quantized),
                    parsed.GetValue(half),
                    source.Read(parsed)
                ),
                parsed.GetValue(data),
                FormatOption.Of(parsed.GetValue(format)),
                parsed.GetValue(crops),
                parsed.GetValue(json),
                parsed.GetValue(strict)
            );
        });
        return command;
    }

    private static int Run(
        Terminal terminal,
        string run,
        RunClassifier classifier,
        string? data,
        DataFormat? format,
        int crops,
        bool json,
        bool strict
    )
    {
        RunInfo info = classifier.Info;
        (LabeledImages images, string? note) = data is null
            ? (DataSelection.OpenTest(info.DataOf(run), info.Classes), null)
            : DataSelection.OpenFor(data, format, info.Classes);
        ModelDetails.Write(terminal, classifier);
        var skips = new SkipReports(terminal);
        skips.Of(images);
        if (note is not null)
        {
            terminal.WriteError(ErrorLine.OneLine(note));
        }
        MissingClasses.Warn(terminal, images, "test on");
        var loader = new DataLoader(
            images,
            info.Preprocessing,
            new DataLoaderOptions
            {
                // As many rows at a time, or nearly, whatever the crops.
                BatchSize = Math.Max(BatchSize / crops, 1),
                Crops = crops,
                Strict = strict,
                ReuseBuffers = true,
                OnSkipped = skips.Add,
            }
        );
        // The model's classes: IDX files without names may show fewer.
        Evaluation result = Evaluation.Run(classifier, loader, terminal.Interrupt) with
        {
            Classes = info.Classes,
        };
        skips.Conclude();
        if (json)
        {
            terminal.Output.WriteLine(EvaluationText.Json(result));
        }
        else
        {
            EvaluationText.Write(terminal, result);
        }
        return ExitCode.Done;
    }
}
