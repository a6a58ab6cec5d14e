using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet evaluate</c> command.</summary>
internal sealed class EvaluateCommand(Terminal terminal)
{
    private const int TenCrops = 10;
    private const string Examples = """
          alexnet evaluate runs/walkthrough-20260101-120000
          alexnet evaluate runs/walkthrough-20260101-120000 photos/test
          alexnet evaluate runs/walkthrough-20260101-120000 --crops 10     as in the paper
          alexnet evaluate runs/walkthrough-20260101-120000 --int8         the quantized model
          alexnet evaluate runs/mnist mnist --format idx --json
        """;

    private readonly Argument<string> _run = new("run")
    {
        Description = "Run folder, saved model, or quantized model.",
    };
    private readonly Argument<string?> _data = new("data")
    {
        Description = "Class folders of images, or another source as for train. Default: the run's test data.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _format = FormatOption.Create();
    private readonly Option<int> _crops = NumberOption.OneOf(
        "--crops",
        "Averages over crops: 2, the center and its mirror image, or 10 as in the paper: four corners and the center, each mirrored. Default: 1 (center).",
        1,
        2,
        TenCrops
    );
    private readonly SourceOptions _source = new();
    private readonly ComputeOptions _compute = new();
    private readonly Option<bool> _quantized = QuantizeCommand.UseOption();
    private readonly Option<bool> _half = QuantizeCommand.HalfOption();
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON." };
    private readonly Option<bool> _strict = new("--strict")
    {
        Description = "Stops at an unreadable image instead of skipping it.",
    };
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new EvaluateCommand(terminal).Build();

    private Command Build()
    {
        var command = new Command(
            "evaluate",
            "Evaluates a run's model: loss, top-1, top-5, per-class scores, confusion matrix."
        )
        {
            _run,
            _data,
            _format,
            _crops,
            _quantized,
            _half,
            _json,
            _strict,
        };
        _source.All.ToList().ForEach(command.Add);
        _compute.All.ToList().ForEach(command.Add);
        _verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        using var classifier = RunClassifier.Load(
            parsed.GetValue(_run)!,
            _source.Classifier(parsed, _quantized, _half, _compute)
        );
        var options = new EvaluateOptions
        {
            Data = parsed.GetValue(_data),
            Format = FormatOption.Of(parsed.GetValue(_format)),
            Crops = parsed.GetValue(_crops),
            Strict = parsed.GetValue(_strict),
        };
        ModelDetails.Write(terminal, classifier);
        var observer = new CommandObserver(terminal);
        Evaluation result = classifier.Evaluate(options, observer, terminal.Interrupt);
        observer.Conclude();
        if (parsed.GetValue(_json))
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
