using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet data</c> command.</summary>
internal static class DataCommand
{
    private const string StandardSheet = "data.png";
    private const string Examples = """
          alexnet data                                     the shipped images
          alexnet data photos
          alexnet data "shards/train-{000..099}.tar" --json
          alexnet data photos.csv --output sheet.png
        """;

    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string?>("source")
        {
            Description = "Class folders, or another source as for train. Default: the shipped images.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> format = FormatOption.Create();
        var output = new Option<string?>("--output")
        {
            Description = $"Sets the contact sheet to write. Default: {StandardSheet} in the current folder.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var command = new Command(
            "data",
            "Describes a data set: classes, sizes, duplicates, unreadable images; draws a contact sheet."
        )
        {
            source,
            format,
            output,
            json,
        };
        PathCompletions.Add(source, []);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            using Interrupts interrupts = InspectionOutput.Listen(terminal);
            bool isJson = parsed.GetValue(json);
            var report = DataReport.Create(
                parsed.GetValue(source),
                FormatOption.Of(parsed.GetValue(format)),
                isJson ? null : new ReadingLine(terminal, TimeProvider.System),
                interrupts.Token
            );
            string sheet = parsed.GetValue(output) ?? StandardSheet;
            report.DrawSheet(sheet);
            if (isJson)
            {
                terminal.Output.WriteLine(DataText.Json(report, sheet).ToJsonString(InspectionOutput.Indented));
            }
            else
            {
                DataText.Write(terminal, report, sheet);
            }
            return ExitCode.Done;
        });
        return command;
    }
}
