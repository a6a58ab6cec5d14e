using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet evaluate</c> command.</summary>
internal static class EvaluateCommand
{
    private const int TenCrops = 10;
    private const string Examples = """
          alexnet evaluate runs/walkthrough-20260101-120000
          alexnet evaluate runs/walkthrough-20260101-120000 photos/test
          alexnet evaluate runs/walkthrough-20260101-120000 --crops 10     as in the paper
          alexnet evaluate runs/walkthrough-20260101-120000 --int8         the quantized model
          alexnet evaluate runs/mnist mnist --format idx --json
        """;

    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "Run folder, saved model, or quantized model." };
        var data = new Argument<string?>("data")
        {
            Description = "Class folders of images, or another source as for train. Default: the run's test data.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> format = FormatOption.Create();
        Option<int> crops = NumberOption.OneOf(
            "--crops",
            "Averages over crops: 2, the center and its mirror image, or 10 as in the paper: four corners and the center, each mirrored. Default: 1 (center).",
            1,
            2,
            TenCrops
        );
        var source = new SourceOptions();
        var compute = new ComputeOptions();
        Option<bool> quantized = QuantizeCommand.UseOption();
        Option<bool> half = QuantizeCommand.HalfOption();
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var strict = new Option<bool>("--strict")
        {
            Description = "Stops at an unreadable image instead of skipping it.",
        };
        var command = new Command(
            "evaluate",
            "Evaluates a run's model: loss, top-1, top-5, per-class scores, confusion matrix."
        )
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
        compute.All.ToList().ForEach(command.Add);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            using var classifier = RunClassifier.Load(
                parsed.GetValue(run)!,
                source.Classifier(parsed, quantized, half, compute)
            );
            var options = new EvaluateOptions
            {
                Data = parsed.GetValue(data),
                Format = FormatOption.Of(parsed.GetValue(format)),
                Crops = parsed.GetValue(crops),
                Strict = parsed.GetValue(strict),
            };
            ModelDetails.Write(terminal, classifier);
            var observer = new CommandObserver(terminal);
            Evaluation result = classifier.Evaluate(options, observer, terminal.Interrupt);
            observer.Conclude();
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(EvaluationText.Json(result));
            }
            else
            {
                EvaluationText.Write(terminal, result);
            }
            return ExitCode.Done;
        });
        return command;
    }
}
