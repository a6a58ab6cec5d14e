using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary><c>alexnet evaluate</c>.</summary>
internal static class EvaluateCommand
{
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
            using var classifier = RunClassifier.Load(
                parsed.GetValue(run)!,
                source.Classifier(parsed, quantized, half)
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
