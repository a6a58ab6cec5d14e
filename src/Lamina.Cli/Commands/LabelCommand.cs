using System.CommandLine;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary><c>alexnet label</c>: proposes classes for images without labels.</summary>
internal static class LabelCommand
{
    private const int StandardLeast = 10;
    private const int Most = 1_000_000;
    private const string Examples = """
          alexnet label photos --pretrained resnet18
          alexnet label photos --pretrained resnet18 --classes 12 --output sorted
          alexnet label photos --weights runs/animals --least 50
        """;

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("dir") { Description = "Folder of images, at any depth." };
        var pretrained = new Option<string>("--pretrained")
        {
            Description =
                $"Sets the network: {string.Join(", ", PretrainedNetwork.All.Select(n => n.Name))}; see 'alexnet pretrained'.",
            HelpName = "NAME",
        };
        var weights = new Option<string>("--weights")
        {
            Description = "Sets the network by a run, a saved model or a model file, or the file of --pretrained.",
            HelpName = "FILE",
        };
        var preprocessing = new Option<string>("--preprocessing")
        {
            Description =
                $"Sets how images become inputs: {string.Join(", ", SourceSettings.PreprocessingNames)}, or a JSON or ONNX file. "
                + "Default: from the file.",
            HelpName = "NAME",
        };
        Option<int?> classes = NumberOption.WholeOrNone(
            "--classes",
            "Sets the number of classes. Default: the best separated number from 2 to 20.",
            2,
            Most
        );
        var output = new Option<string?>("--output")
        {
            Description = "Sets the folder to write, a new one. Default: DIR-labeled.",
            HelpName = "DIR",
        };
        Option<int> least = NumberOption.Whole(
            "--least",
            "Sets how many of the least certain images are printed.",
            StandardLeast,
            0,
            Most
        );
        var copy = new Option<bool>("--copy") { Description = "Copies the images instead of linking to them." };
        Option<long> seed = NumberOption.Long("--seed", "Sets the seed of the search. Default: 0.");
        var command = new Command(
            "label",
            "Proposes classes for a folder of unlabeled images: class folders of links, and the least certain images."
        );
        command.Add(folder);
        foreach (Option option in (Option[])[pretrained, weights, preprocessing, classes, output, least, copy, seed])
        {
            command.Add(option);
        }
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        pretrained.CompletionSources.Add([.. PretrainedNetwork.All.Select(n => n.Name)]);
        PathCompletions.Add(folder, []);
        command.Validators.Add(result =>
        {
            if (result.GetResult(pretrained) is null && result.GetResult(weights) is null)
            {
                result.AddError("label: requires a network. Add --pretrained or --weights.");
            }
        });
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            using Interrupts interrupts = InspectionOutput.Listen(terminal);
            string data = parsed.GetValue(folder)!;
            string? file = parsed.GetValue(weights);
            StartingWeights network = parsed.GetValue(pretrained) is { } name
                ? PretrainedNetwork.Get(name).Weights(file)
                : new StartingWeights(file!);
            var observer = new FeatureObserver(terminal, isSilent: false);
            LabelReport report = RunLabeler.Create(
                new LabelOptions
                {
                    Data = data,
                    Output = parsed.GetValue(output) ?? Path.TrimEndingDirectorySeparator(data) + "-labeled",
                    Weights = network with { Preprocessing = parsed.GetValue(preprocessing) ?? network.Preprocessing },
                    Classes = parsed.GetValue(classes),
                    Copy = parsed.GetValue(copy),
                    Seed = parsed.GetValue(seed),
                },
                observer,
                interrupts.Token
            );
            observer.Conclude();
            Write(terminal.Output, report, parsed.GetValue(least));
            return ExitCode.Done;
        });
        return command;
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
