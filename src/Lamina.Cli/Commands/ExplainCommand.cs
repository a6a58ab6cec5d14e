using System.CommandLine;
using Lamina.Runs;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet explain</c> command.</summary>
internal static class ExplainCommand
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

    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "Run folder, saved model, or model file of any format." };
        Argument<string[]> images = InputImages.Argument();
        var methods = new Option<string[]>("--method")
        {
            Description = $"Sets the methods: {string.Join(", ", s_methods.Keys)}. Default: all.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        methods.Accept([.. s_methods.Keys]);
        var @class = new Option<string?>("--class")
        {
            Description = "Sets the class to explain. Default: the most probable of each image.",
            HelpName = "NAME",
        };
        var layer = new Option<string?>("--layer")
        {
            Description = "Sets the layer of Grad-CAM and Grad-CAM++. Default: the last convolution.",
            HelpName = "NAME",
        };
        var plain = new Option<bool>("--no-curves")
        {
            Description = "Skips the deletion and insertion curves, which take most of the time.",
        };
        var activations = new Option<bool>("--activations") { Description = "Also draws the outputs of every layer." };
        Option<string?> output = InspectionOutput.Folder("explain");
        Option<bool> dark = InspectionOutput.Dark();
        var json = new Option<bool>("--json") { Description = "Prints a JSON array with one object per image." };
        var source = new SourceOptions();
        var command = new Command("explain", "Explains predictions: draws which parts of an image speak for a class.")
        {
            run,
            images,
            methods,
            @class,
            layer,
            plain,
            activations,
            output,
            dark,
            json,
        };
        source.All.ToList().ForEach(command.Add);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            string path = parsed.GetValue(run)!;
            using IDisposable loading = TorchLibrary.LoadAhead();
            using var classifier = RunClassifier.Load(
                path,
                new ClassifierOptions { Device = Device.Cpu, Source = source.Read(parsed) }
            );
            using var explainer = new RunExplainer(
                classifier,
                new ExplainOptions
                {
                    Methods = parsed.GetValue(methods) is { Length: > 0 } names
                        ? [.. names.Select(n => s_methods[n])]
                        : null,
                    Class = parsed.GetValue(@class),
                    Layer = parsed.GetValue(layer),
                    Curves = !parsed.GetValue(plain),
                }
            );
            ModelDetails.Write(terminal, classifier);
            var pictures = new InspectionOutput(parsed.GetValue(output), path, "explain");
            var text = new ExplanationText(terminal, parsed.GetValue(json), s_methods);
            bool isDark = parsed.GetValue(dark);
            bool hasActivations = parsed.GetValue(activations);
            using Interrupts interrupts = InspectionOutput.Listen(terminal);
            return Run(
                terminal,
                new InputImages(terminal).List(parsed.GetValue(images)!),
                text,
                image =>
                {
                    NDArray prepared = image.Load(classifier.Info.Preprocessing);
                    Explanation explanation = explainer.Explain(image.Name, prepared, interrupts.Token);
                    string picture = pictures.FileFor(image.Name);
                    explainer.Draw(picture, explanation, isDark);
                    if (hasActivations)
                    {
                        explainer.DrawActivations(
                            Path.ChangeExtension(picture, ".activations.png"),
                            explanation,
                            isDark
                        );
                    }
                    text.Add(explanation, picture);
                }
            );
        });
        return command;
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
