using System.CommandLine;
using System.Text.Json.Nodes;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet filters</c> command.</summary>
internal static class FiltersCommand
{
    private const int MostFilter = 1_000_000;
    private const int MostImages = 10_000_000;
    private const string Examples = """
          alexnet filters runs/walkthrough-20260101-120000
          alexnet filters runs/walkthrough-20260101-120000 --layer conv2d_2 --filter 3 --filter 17
        """;

    public static Command Create(Terminal terminal)
    {
        var standard = new FilterSettings();
        var run = new Argument<string>("run") { Description = "Run folder, or saved model." };
        var layer = new Option<string?>("--layer")
        {
            Description = "Sets the layer. Default: the last convolution.",
            HelpName = "NAME",
        };
        var filters = new Option<int[]>("--filter")
        {
            Description = "Sets the filters, from 0. Default: 12, spread over all.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
        };
        filters.Validators.Add(result =>
        {
            if (
                result.Tokens.FirstOrDefault(t => !int.TryParse(t.Value, out int f) || f is < 0 or > MostFilter) is
                { } wrong
            )
            {
                result.AddError($"--filter: '{wrong.Value}' is not a whole number from 0 to {MostFilter}.");
            }
        });
        var data = new Option<string?>("--data")
        {
            Description = "Sets the images to search, in class folders. Default: the run's training data.",
            HelpName = "DIR",
        };
        Option<string?> format = FormatOption.Create();
        Option<int> images = NumberOption.Whole(
            "--images",
            "Sets the most images to search, drawn at random.",
            standard.Images,
            1,
            MostImages
        );
        Option<string?> output = InspectionOutput.Picture("filters-deep.png");
        Option<bool> dark = InspectionOutput.Dark();
        var json = new Option<bool>("--json") { Description = "Prints JSON with the place of each patch." };
        var source = new SourceOptions();
        var command = new Command(
            "filters",
            "Shows what filters of a layer detect: the patches that excite them, and an image made to."
        )
        {
            run,
            layer,
            filters,
            data,
            format,
            images,
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
            string picture = parsed.GetValue(output) ?? InspectionOutput.Beside(path, "filters-deep.png");
            OutputFile.Require(picture);
            using var classifier = RunClassifier.Load(
                path,
                new ClassifierOptions { Device = Device.Cpu, Source = source.Read(parsed) }
            );
            using Interrupts interrupts = InspectionOutput.Listen(terminal);
            var observer = new FeatureObserver(terminal, parsed.GetValue(json));
            FilterReport report = RunFilters.Search(
                classifier,
                new FilterSettings
                {
                    Layer = parsed.GetValue(layer),
                    Filters = parsed.GetValue(filters) is { Length: > 0 } given ? given : null,
                    Data = new InspectionData
                    {
                        Folder = parsed.GetValue(data),
                        Format = FormatOption.Of(parsed.GetValue(format)),
                    },
                    Images = parsed.GetValue(images),
                },
                observer,
                interrupts.Token
            );
            observer.Conclude();
            RunFilters.Draw(picture, report, parsed.GetValue(dark));
            if (parsed.GetValue(json))
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
        });
        return command;
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
