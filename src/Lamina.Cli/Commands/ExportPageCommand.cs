using System.CommandLine;
using System.Globalization;
using Lamina.Runs;
using Lamina.Serving;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>The <c>alexnet export-page</c> command.</summary>
internal static class ExportPageCommand
{
    private const string Examples = """
          alexnet export-page runs/walkthrough-20260101-120000 site
          python3 -m http.server --directory site
          alexnet export-page alexnet.pth site --model owt --classes-from imagenet.txt --preprocessing torchvision
        """;

    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "Run folder, saved model, or model file of any format." };
        var folder = new Argument<string>("folder")
        {
            Description = "Folder to create for the page; an existing one must be empty.",
        };
        var name = new Option<string?>("--name")
        {
            Description = "Sets the name of the model on the page. Default: the name of the run folder or file.",
            HelpName = "NAME",
        };
        var source = new SourceOptions();
        var command = new Command(
            "export-page",
            "Writes a page that runs the model in the browser: static files for any web server."
        )
        {
            run,
            folder,
            name,
        };
        source.All.ToList().ForEach(command.Add);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            string path = parsed.GetValue(run)!;
            string target = parsed.GetValue(folder)!;
            PageExport.RequireFree(target);
            using IDisposable loading = TorchLibrary.LoadAhead();
            using var classifier = RunClassifier.Load(path, new ClassifierOptions { Source = source.Read(parsed) });
            PageExportResult result = PageExport.Write(classifier, target, parsed.GetValue(name) ?? NameOf(path));
            terminal.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"wrote {target}: {result.Files} files, {Megabytes(result.NetworkBytes)} MB of network and {Megabytes(result.PageBytes)} MB of page and runtime"
                )
            );
            terminal.Say($"serve it with any web server, such as: python3 -m http.server --directory {target}");
            return ExitCode.Done;
        });
        return command;
    }

    private static string NameOf(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
    }

    private static double Megabytes(long bytes) => Math.Round(bytes / 1e6, 2);
}
