using System.CommandLine;
using Lamina.Runs;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet neighbors</c> command.</summary>
internal static class NeighborsCommand
{
    private const int StandardCount = 6;
    private const int MostCount = 100;
    private const string Examples = """
          alexnet neighbors runs/walkthrough-20260101-120000 cat.jpg dog.jpg
          alexnet neighbors runs/walkthrough-20260101-120000 photos --count 10 --json
          alexnet neighbors alexnet.pth cat.jpg --model owt --classes-from names.txt --data photos/train
        """;

    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "Run folder, saved model, or model file of any format." };
        Argument<string[]> images = InputImages.Argument();
        Option<int> count = NumberOption.Whole(
            "--count",
            "Sets how many neighbors of each image to find.",
            StandardCount,
            1,
            MostCount
        );
        var data = new Option<string?>("--data")
        {
            Description = "Sets the images to search, in class folders. Default: the run's training data.",
            HelpName = "DIR",
        };
        Option<string?> format = FormatOption.Create();
        var layer = new Option<string?>("--layer")
        {
            Description = "Sets the layer whose outputs are compared. Default: the last hidden layer.",
            HelpName = "NAME",
        };
        Option<string?> output = InspectionOutput.Picture("neighbors.png");
        Option<bool> dark = InspectionOutput.Dark();
        var json = new Option<bool>("--json") { Description = "Prints a JSON array with one object per image." };
        var source = new SourceOptions();
        var command = new Command(
            "neighbors",
            "Finds the training images nearest to an image by the last hidden layer, as in the paper's figure 4."
        )
        {
            run,
            images,
            count,
            data,
            format,
            layer,
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
            string picture = parsed.GetValue(output) ?? InspectionOutput.Beside(path, "neighbors.png");
            OutputFile.Require(picture);
            using IDisposable loading = TorchLibrary.LoadAhead();
            using var classifier = RunClassifier.Load(
                path,
                new ClassifierOptions { Device = Device.Cpu, Source = source.Read(parsed) }
            );
            var observer = new FeatureObserver(terminal, parsed.GetValue(json));
            var search = new RunNeighbors(
                classifier,
                new NeighborOptions
                {
                    Count = parsed.GetValue(count),
                    Data = parsed.GetValue(data),
                    Format = FormatOption.Of(parsed.GetValue(format)),
                    Layer = parsed.GetValue(layer),
                },
                observer
            );
            ModelDetails.Write(terminal, classifier);
            return Run(
                terminal,
                classifier,
                search,
                observer,
                parsed.GetValue(images)!,
                picture,
                parsed.GetValue(dark),
                parsed.GetValue(json)
            );
        });
        return command;
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
