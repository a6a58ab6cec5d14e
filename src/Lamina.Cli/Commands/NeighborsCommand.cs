using System.CommandLine;
using Lamina.Runs;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet neighbors</c> command.</summary>
internal sealed class NeighborsCommand(Terminal terminal)
{
    private const int StandardCount = 6;
    private const int MostCount = 100;
    private const string Examples = """
          alexnet neighbors runs/walkthrough-20260101-120000 cat.jpg dog.jpg
          alexnet neighbors runs/walkthrough-20260101-120000 photos --count 10 --json
          alexnet neighbors alexnet.pth cat.jpg --model owt --classes-from names.txt --data photos/train
        """;

    private readonly Argument<string> _run = new("run")
    {
        Description = "Run folder, saved model, or model file of any format.",
    };
    private readonly Argument<string[]> _images = InputImages.Argument();
    private readonly Option<int> _count = NumberOption.Whole(
        "--count",
        "Sets how many neighbors of each image to find.",
        StandardCount,
        1,
        MostCount
    );
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Sets the images to search, in class folders. Default: the run's training data.",
        HelpName = "DIR",
    };
    private readonly Option<string?> _format = FormatOption.Create();
    private readonly Option<string?> _layer = new("--layer")
    {
        Description = "Sets the layer whose outputs are compared. Default: the last hidden layer.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _output = InspectionOutput.Picture("neighbors.png");
    private readonly Option<bool> _dark = InspectionOutput.Dark();
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Prints a JSON array with one object per image.",
    };
    private readonly SourceOptions _source = new();
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new NeighborsCommand(terminal).Build();

    private Command Build()
    {
        var command = new Command(
            "neighbors",
            "Finds the training images nearest to an image by the last hidden layer, as in the paper's figure 4."
        )
        {
            _run,
            _images,
            _count,
            _data,
            _format,
            _layer,
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
        string picture = parsed.GetValue(_output) ?? InspectionOutput.Beside(path, "neighbors.png");
        OutputFile.Require(picture);
        using IDisposable loading = TorchLibrary.LoadAhead();
        using var classifier = RunClassifier.Load(
            path,
            new ClassifierOptions { Device = Device.Cpu, Source = _source.Read(parsed) }
        );
        var observer = new FeatureObserver(terminal, parsed.GetValue(_json));
        var search = new RunNeighbors(
            classifier,
            new NeighborOptions
            {
                Count = parsed.GetValue(_count),
                Data = parsed.GetValue(_data),
                Format = FormatOption.Of(parsed.GetValue(_format)),
                Layer = parsed.GetValue(_layer),
            },
            observer
        );
        ModelDetails.Write(terminal, classifier);
        return Run(
            terminal,
            classifier,
            search,
            observer,
            parsed.GetValue(_images)!,
            picture,
            parsed.GetValue(_dark),
            parsed.GetValue(_json)
        );
    }

    private static int Run(
        Terminal terminal,
        RunClassifier classifier,
        RunNeighbors search,
        FeatureObserver observer,
        string[] arguments,
        string picture,
        bool isDark,
        bool json
    )
    {
        using Interrupts interrupts = InspectionOutput.Listen(terminal);
        var loaded = new LoadedImages(terminal, classifier.Info.Preprocessing, arguments);
        NeighborReport? report = search.Find(loaded.Images, interrupts.Token);
        observer.Conclude();
        int drawn = report is null ? 0 : search.Draw(picture, report, isDark);
        NeighborText.Write(terminal, report, picture, drawn, json, loaded.Failed);
        return loaded.Failed.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
