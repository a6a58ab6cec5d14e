using System.CommandLine;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary><c>alexnet label</c>: proposes classes for images without labels.</summary>
internal sealed class LabelCommand(Terminal terminal)
{
    private const int StandardLeast = 10;
    private const int Most = 1_000_000;
    private const string Examples = """
          alexnet label photos --pretrained resnet18
          alexnet label photos --pretrained resnet18 --classes 12 --output sorted
          alexnet label photos --weights runs/animals --least 50
        """;

    private readonly Argument<string> _folder = new("dir") { Description = "Folder of images, at any depth." };
    private readonly Option<string> _pretrained = new("--pretrained")
    {
        Description =
            $"Sets the network: {string.Join(", ", PretrainedNetwork.All.Select(n => n.Name))}; see 'alexnet pretrained'.",
        HelpName = "NAME",
    };
    private readonly Option<string> _weights = new("--weights")
    {
        Description = "Sets the network by a run, a saved model or a model file, or the file of --pretrained.",
        HelpName = "FILE",
    };
    private readonly Option<string> _preprocessing = new("--preprocessing")
    {
        Description =
            $"Sets how images become inputs: {string.Join(", ", SourceSettings.PreprocessingNames)}, or a JSON or ONNX file. "
            + "Default: from the file.",
        HelpName = "NAME",
    };
    private readonly Option<int?> _classes = NumberOption.WholeOrNone(
        "--classes",
        "Sets the number of classes. Default: the best separated number from 2 to 20.",
        2,
        Most
    );
    private readonly Option<string?> _output = new("--output")
    {
        Description = "Sets the folder to write, a new one. Default: DIR-labeled.",
        HelpName = "DIR",
    };
    private readonly Option<int> _least = NumberOption.Whole(
        "--least",
        "Sets how many of the least certain images are printed.",
        StandardLeast,
        0,
        Most
    );
    private readonly Option<bool> _copy = new("--copy")
    {
        Description = "Copies the images instead of linking to them.",
    };
    private readonly Option<long> _seed = NumberOption.Long("--seed", "Sets the seed of the search. Default: 0.");
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new LabelCommand(terminal).Build();

    private Command Build()
    {
        var command = new Command(
            "label",
            "Proposes classes for a folder of unlabeled images: class folders of links, and the least certain images."
        );
        command.Add(_folder);
        foreach (
            Option option in (Option[])[_pretrained, _weights, _preprocessing, _classes, _output, _least, _copy, _seed]
        )
        {
            command.Add(option);
        }
        _verbosity.AddTo(command);
        _pretrained.CompletionSources.Add([.. PretrainedNetwork.All.Select(n => n.Name)]);
        PathCompletions.Add(_folder, []);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_pretrained) is null && result.GetResult(_weights) is null)
            {
                result.AddError("label: requires a network. Add --pretrained or --weights.");
            }
        });
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        using Interrupts interrupts = InspectionOutput.Listen(terminal);
        string data = parsed.GetValue(_folder)!;
        string? file = parsed.GetValue(_weights);
        StartingWeights network = parsed.GetValue(_pretrained) is { } name
            ? PretrainedNetwork.Get(name).Weights(file)
            : new StartingWeights(file!);
        var observer = new FeatureObserver(terminal, isSilent: false);
        LabelReport report = RunLabeler.Create(
            new LabelOptions
            {
                Data = data,
                Output = parsed.GetValue(_output) ?? Path.TrimEndingDirectorySeparator(data) + "-labeled",
                Weights = network with { Preprocessing = parsed.GetValue(_preprocessing) ?? network.Preprocessing },
                Classes = parsed.GetValue(_classes),
                Copy = parsed.GetValue(_copy),
                Seed = parsed.GetValue(_seed),
            },
            observer,
            interrupts.Token
        );
        observer.Conclude();
        Write(terminal.Output, report, parsed.GetValue(_least));
        return ExitCode.Done;
    }

    private static void Write(TextWriter output, LabelReport report, int least)
    {
        foreach ((string name, int images) in report.Classes)
        {
            output.WriteLine(FormattableString.Invariant($"{name}   {images, 6} images"));
        }
        output.WriteLine($"folder     {report.Folder}");
        if (least > 0)
        {
            output.WriteLine("least certain, to check by hand:");
        }
        foreach (ProposedLabel label in report.Labels.Take(least))
        {
            output.WriteLine(
                OneLine.Of(FormattableString.Invariant($"  {label.Certainty:F2}  {label.Class}  {label.Image}"))
            );
        }
        output.Flush();
    }
}
