using System.CommandLine;
using System.Text.Json.Nodes;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet map</c> command.</summary>
internal sealed class MapCommand(Terminal terminal)
{
    private const int StandardImages = 1000;
    private const int FewestImages = 4;
    private const int MostImages = 5000;
    private const string Examples = """
          alexnet map runs/walkthrough-20260101-120000
          alexnet map runs/walkthrough-20260101-120000 photos/test --images 2000 --json
        """;

    private readonly TestDataOptions _data = new();
    private readonly Option<int> _images = NumberOption.Whole(
        "--images",
        "Sets the most images to place, drawn at random.",
        StandardImages,
        FewestImages,
        MostImages
    );
    private readonly Option<string?> _output = InspectionOutput.Folder("map");
    private readonly Option<bool> _dark = InspectionOutput.Dark();
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON with the place of each image." };
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new MapCommand(terminal).Build();

    private Command Build()
    {
        var command = new Command(
            "map",
            "Places test images by the last hidden layer (t-SNE, PCA), and orders the confusion matrix by similarity."
        );
        _data.AddArgumentsTo(command);
        command.Add(_images);
        command.Add(_output);
        command.Add(_dark);
        command.Add(_json);
        _data.AddOptionsTo(command);
        _verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        using RunClassifier classifier = _data.Load(parsed);
        using Interrupts interrupts = InspectionOutput.Listen(terminal);
        var observer = new FeatureObserver(terminal, parsed.GetValue(_json));
        IReadOnlyList<string> classes = classifier.Info.Classes;
        MapReport report = RunMap.Create(
            classifier,
            _data.Data(parsed),
            parsed.GetValue(_images),
            observer,
            interrupts.Token
        );
        observer.Conclude();
        var pictures = new InspectionOutput(parsed.GetValue(_output), _data.Run(parsed), "map");
        string map = pictures.FileFor("map");
        string confusion = pictures.FileFor("confusion-by-similarity");
        bool isDark = parsed.GetValue(_dark);
        RunMap.Draw(map, report, classes, isDark);
        RunMap.DrawConfusion(confusion, report, classes, isDark);
        if (parsed.GetValue(_json))
        {
            terminal.Output.WriteLine(Json(report, classes, map, confusion));
        }
        else
        {
            terminal.Output.WriteLine(
                FormattableString.Invariant($"images     {report.Labels.Count} by {report.Features} outputs")
            );
            terminal.Output.WriteLine($"map        {map}");
            terminal.Output.WriteLine($"confusion  {confusion}");
        }
        return ExitCode.Done;
    }

    private static string Json(MapReport report, IReadOnlyList<string> classes, string map, string confusion) =>
        new JsonObject
        {
            ["map"] = map,
            ["confusion"] = confusion,
            ["variance_shares"] = new JsonArray([.. report.Shares.Select(s => JsonValue.Create(s))]),
            ["images"] = new JsonArray([
                .. report.Names.Select(
                    (name, i) =>
                        new JsonObject
                        {
                            ["image"] = name,
                            ["class"] = classes[report.Labels[i]],
                            ["predicted"] = classes[report.Predicted[i]],
                            ["tsne"] = Place(report.Neighborhood, i),
                            ["pca"] = Place(report.Components, i),
                        }
                ),
            ]),
        }.ToJsonString(InspectionOutput.Indented);

    private static JsonArray Place(NDArray places, int i) => [places[i, 0], places[i, 1]];
}
