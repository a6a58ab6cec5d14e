using System.CommandLine;
using Lamina.Runs;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet explain</c> command.</summary>
internal sealed class ExplainCommand(Terminal terminal)
{
    private const string Examples = """
          alexnet explain runs/walkthrough-20260101-120000 cat.jpg
          alexnet explain runs/walkthrough-20260101-120000 photos --method grad-cam --method occlusion
          alexnet explain runs/walkthrough-20260101-120000 cat.jpg --class dog     what would speak for a dog
          alexnet explain alexnet.pth cat.jpg --model owt --classes-from imagenet.txt --output maps
        """;

    private static readonly Dictionary<string, ExplainMethod> s_methods = new(StringComparer.Ordinal)
    {
        ["grad-cam"] = ExplainMethod.GradCam,
        ["grad-cam++"] = ExplainMethod.GradCamPlusPlus,
        ["occlusion"] = ExplainMethod.Occlusion,
        ["integrated-gradients"] = ExplainMethod.IntegratedGradients,
        ["saliency"] = ExplainMethod.Saliency,
        ["smoothgrad"] = ExplainMethod.SmoothGrad,
        ["guided"] = ExplainMethod.GuidedBackpropagation,
    };

    private readonly Argument<string> _run = new("run")
    {
        Description = "Run folder, saved model, or model file of any format.",
    };
    private readonly Argument<string[]> _images = InputImages.Argument();
    private readonly Option<string[]> _methods = new("--method")
    {
        Description = $"Sets the methods: {string.Join(", ", s_methods.Keys)}. Default: all.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _class = new("--class")
    {
        Description = "Sets the class to explain. Default: the most probable of each image.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _layer = new("--layer")
    {
        Description = "Sets the layer of Grad-CAM and Grad-CAM++. Default: the last convolution.",
        HelpName = "NAME",
    };
    private readonly Option<bool> _plain = new("--no-curves")
    {
        Description = "Skips the deletion and insertion curves, which take most of the time.",
    };
    private readonly Option<bool> _activations = new("--activations")
    {
        Description = "Also draws the outputs of every layer.",
    };
    private readonly Option<string?> _output = InspectionOutput.Folder("explain");
    private readonly Option<bool> _dark = InspectionOutput.Dark();
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Prints a JSON array with one object per image.",
    };
    private readonly SourceOptions _source = new();
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new ExplainCommand(terminal).Build();

    private Command Build()
    {
        _methods.Accept([.. s_methods.Keys]);
        var command = new Command("explain", "Explains predictions: draws which parts of an image speak for a class.")
        {
            _run,
            _images,
            _methods,
            _class,
            _layer,
            _plain,
            _activations,
            _output,
            _dark,
            _json,
        };
        _source.All.ToList().ForEach(command.Add);
        _verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        string path = parsed.GetValue(_run)!;
        using IDisposable loading = TorchLibrary.LoadAhead();
        using var classifier = RunClassifier.Load(
            path,
            new ClassifierOptions { Device = Device.Cpu, Source = _source.Read(parsed) }
        );
        using var explainer = new RunExplainer(
            classifier,
            new ExplainOptions
            {
                Methods = parsed.GetValue(_methods) is { Length: > 0 } names
                    ? [.. names.Select(n => s_methods[n])]
                    : null,
                Class = parsed.GetValue(_class),
                Layer = parsed.GetValue(_layer),
                Curves = !parsed.GetValue(_plain),
            }
        );
        ModelDetails.Write(terminal, classifier);
        var pictures = new InspectionOutput(parsed.GetValue(_output), path, "explain");
        var text = new ExplanationText(terminal, parsed.GetValue(_json), s_methods);
        bool isDark = parsed.GetValue(_dark);
        bool hasActivations = parsed.GetValue(_activations);
        using Interrupts interrupts = InspectionOutput.Listen(terminal);
        return Run(
            terminal,
            new InputImages(terminal).List(parsed.GetValue(_images)!),
            text,
            image =>
            {
                NDArray prepared = image.Load(classifier.Info.Preprocessing);
                Explanation explanation = explainer.Explain(image.Name, prepared, interrupts.Token);
                string picture = pictures.FileFor(image.Name);
                explainer.Draw(picture, explanation, isDark);
                if (hasActivations)
                {
                    explainer.DrawActivations(Path.ChangeExtension(picture, ".activations.png"), explanation, isDark);
                }
                text.Add(explanation, picture);
            }
        );
    }

    private static int Run(
        Terminal terminal,
        IEnumerable<InputImages.Entry> images,
        ExplanationText text,
        Action<InputImages.Entry> explain
    )
    {
        int exit = ExitCode.Done;
        foreach (InputImages.Entry image in images)
        {
            try
            {
                explain(image);
            }
            catch (DataException e)
            {
                terminal.WriteError(ErrorLine.Of(e));
                text.AddError(image.Name, ErrorLine.Of(e));
                exit = ExitCode.Failed;
            }
        }
        text.Finish();
        return exit;
    }
}
