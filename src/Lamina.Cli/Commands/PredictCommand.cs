using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet predict</c> command.</summary>
internal sealed class PredictCommand(Terminal terminal)
{
    private const int StandardTop = 5;
    private const int MostTop = 1000;
    private const string Examples = """
          alexnet predict runs/walkthrough-20260101-120000 cat.jpg
          alexnet predict runs/walkthrough-20260101-120000 *.png --top 3 --json
          alexnet predict runs/walkthrough-20260101-120000 photos          every image in a folder
          curl -s https://example.org/cat.jpg | alexnet predict runs/walkthrough-20260101-120000 -
          alexnet predict runs/walkthrough-20260101-120000 cat.jpg --int8
          alexnet predict alexnet.pth cat.jpg --model owt --classes-from imagenet.txt
        """;

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private readonly Argument<string> _run = new("run")
    {
        Description = "Run folder, saved model, quantized model, or model file of any format.",
    };
    private readonly Argument<string[]> _images = InputImages.Argument();
    private readonly Option<int> _top = NumberOption.Whole(
        "--top",
        "Sets how many classes to print, most probable first.",
        StandardTop,
        1,
        MostTop
    );
    private readonly SourceOptions _source = new();
    private readonly ComputeOptions _compute = new();
    private readonly Option<bool> _quantized = QuantizeCommand.UseOption();
    private readonly Option<bool> _half = QuantizeCommand.HalfOption();
    private readonly Option<bool> _calibrated = new("--calibrated")
    {
        Description = "Corrects probabilities by the run's temperature, as fitted by 'alexnet calibrate'.",
    };
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Prints a JSON array with one object per image.",
    };
    private readonly Option<bool> _timings = new("--timings")
    {
        Description = "Prints the time of each phase to standard error, including loading libtorch.",
    };
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new PredictCommand(terminal).Build();

    private Command Build()
    {
        var command = new Command("predict", "Classifies images: prints the most probable classes.")
        {
            _run,
            _images,
            _top,
            _quantized,
            _half,
            _calibrated,
            _json,
            _timings,
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
        return Run(
            terminal,
            parsed.GetValue(_run)!,
            _source.Classifier(parsed, _quantized, _half, _compute) with
            {
                Calibrated = parsed.GetValue(_calibrated),
                // The process ends with the last image.
                MapsWeights = true,
            },
            parsed.GetValue(_images)!,
            parsed.GetValue(_top),
            parsed.GetValue(_json),
            parsed.GetValue(_timings)
        );
    }

    private static int Run(
        Terminal terminal,
        string run,
        ClassifierOptions options,
        string[] arguments,
        int top,
        bool json,
        bool showTimings
    )
    {
        var timings = new Timings();
        // Reading the model and loading libtorch take about equally long, so they run in parallel.
        Device device = options.Device ?? ComputeDevices.Best();
        using IDisposable loading = TorchLibrary.LoadAhead(
            device,
            options.Precision ?? ComputeDevices.DefaultPrecision(device)
        );
        using var classifier = RunClassifier.Load(run, options);
        timings.Model = timings.Lap();
        TorchLibrary.Use();
        timings.Waiting = timings.Lap();
        ModelDetails.Write(terminal, classifier);
        var all = new JsonArray();
        int count = 0;
        int exit = ExitCode.Done;
        foreach (InputImages.Entry image in new InputImages(terminal).List(arguments))
        {
            count++;
            try
            {
                IReadOnlyList<ClassScore> best = classifier.Predict(image.Load(classifier.Info.Preprocessing), top);
                if (json)
                {
                    all.Add(Json(image.Name, best));
                }
                else
                {
                    Write(terminal.Output, image.Name, best);
                }
            }
            catch (DataException e)
            {
                terminal.WriteError(ErrorLine.Of(e));
                exit = ExitCode.Failed;
                all.Add(new JsonObject { ["image"] = image.Name, ["error"] = ErrorLine.Of(e) });
            }
        }
        if (json)
        {
            terminal.Output.WriteLine(all.ToJsonString(s_indented));
        }
        if (showTimings)
        {
            timings.Images = timings.Lap();
            terminal.Error.WriteLine(timings.Text(TorchLibrary.LoadTime, count));
        }
        return exit;
    }

    private static void Write(TextWriter output, string image, IReadOnlyList<ClassScore> best)
    {
        output.WriteLine(OneLine.Of(image));
        foreach (ClassScore score in best)
        {
            string percent = Words.Percent(score.Probability).PadLeft("100.00 %".Length);
            output.WriteLine($"  {percent}  {OneLine.Of(score.Class)}");
        }
    }

    private static JsonObject Json(string image, IReadOnlyList<ClassScore> best) =>
        new()
        {
            ["image"] = image,
            ["predictions"] = new JsonArray([
                .. best.Select(b => new JsonObject
                {
                    ["class"] = b.Class,
                    ["index"] = b.Index,
                    ["probability"] = b.Probability,
                }),
            ]),
        };
}
