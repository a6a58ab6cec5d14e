using System.CommandLine;
using System.Text.Json.Nodes;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet filters</c> command.</summary>
internal sealed class FiltersCommand(Terminal terminal)
{
    private const int MostFilter = 1_000_000;
    private const int MostImages = 10_000_000;
    private const string Examples = """
          alexnet filters runs/walkthrough-20260101-120000
          alexnet filters runs/walkthrough-20260101-120000 --layer conv2d_2 --filter 3 --filter 17
        """;

    private static readonly FilterSettings s_standard = new();
    private readonly Argument<string> _run = new("run") { Description = "Run folder, or saved model." };
    private readonly Option<string?> _layer = new("--layer")
    {
        Description = "Sets the layer. Default: the last convolution.",
        HelpName = "NAME",
    };
    private readonly Option<int[]> _filters = new("--filter")
    {
        Description = "Sets the filters, from 0. Default: 12, spread over all.",
        HelpName = "N",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Sets the images to search, in class folders. Default: the run's training data.",
        HelpName = "DIR",
    };
    private readonly Option<string?> _format = FormatOption.Create();
    private readonly Option<int> _images = NumberOption.Whole(
        "--images",
        "Sets the most images to search, drawn at random.",
        s_standard.Images,
        1,
        MostImages
    );
    private readonly Option<string?> _output = InspectionOutput.Picture("filters-deep.png");
    private readonly Option<bool> _dark = InspectionOutput.Dark();
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON with the place of each patch." };
    private readonly SourceOptions _source = new();
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new FiltersCommand(terminal).Build();

    private Command Build()
    {
        _filters.Validators.Add(result =>
        {
            if (
                result.Tokens.FirstOrDefault(t => !int.TryParse(t.Value, out int f) || f is < 0 or > MostFilter) is
                { } wrong
            )
            {
                result.AddError($"--filter: '{wrong.Value}' is not a whole number from 0 to {MostFilter}.");
            }
        });
        var command = new Command(
            "filters",
            "Shows what filters of a layer detect: the patches that excite them, and an image made to."
        )
        {
            _run,
            _layer,
            _filters,
            _data,
            _format,
            _images,
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
        string picture = parsed.GetValue(_output) ?? InspectionOutput.Beside(path, "filters-deep.png");
        OutputFile.Require(picture);
        using var classifier = RunClassifier.Load(
            path,
            new ClassifierOptions { Device = Device.Cpu, Source = _source.Read(parsed) }
        );
        using Interrupts interrupts = InspectionOutput.Listen(terminal);
        var observer = new FeatureObserver(terminal, parsed.GetValue(_json));
        FilterReport report = RunFilters.Search(
            classifier,
            new FilterSettings
            {
                Layer = parsed.GetValue(_layer),
                Filters = parsed.GetValue(_filters) is { Length: > 0 } given ? given : null,
                Data = new InspectionData
                {
                    Folder = parsed.GetValue(_data),
                    Format = FormatOption.Of(parsed.GetValue(_format)),
                },
                Images = parsed.GetValue(_images),
            },
            observer,
            interrupts.Token
        );
        observer.Conclude();
        RunFilters.Draw(picture, report, parsed.GetValue(_dark));
        if (parsed.GetValue(_json))
        {
            terminal.Output.WriteLine(Json(report, picture));
        }
        else
        {
            terminal.Output.WriteLine(
                FormattableString.Invariant(
                    $"{report.Filters.Count} filters of {report.Layer}, {report.Searched} images searched"
                )
            );
            terminal.Output.WriteLine($"picture  {picture}");
        }
        return ExitCode.Done;
    }

    private static string Json(FilterReport report, string picture) =>
        new JsonObject
        {
            ["layer"] = report.Layer,
            ["searched"] = report.Searched,
            ["picture"] = picture,
            ["filters"] = new JsonArray([
                .. report.Filters.Select(f => new JsonObject
                {
                    ["filter"] = f.Filter,
                    ["patches"] = new JsonArray([
                        .. f.Patches.Select(p => new JsonObject
                        {
                            ["image"] = p.Image,
                            ["class"] = p.Class,
                            ["value"] = p.Value,
                            ["area"] = new JsonArray(p.Area.Top, p.Area.Left, p.Area.Bottom, p.Area.Right),
                        }),
                    ]),
                }),
            ]),
        }.ToJsonString(InspectionOutput.Indented);
}
