using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet inspect</c> command: describes a file without loading values or a native library.</summary>
internal static class InspectCommand
{
    private const string Examples = """
          alexnet inspect alexnet.pth
          alexnet inspect model.onnx --json
          alexnet inspect runs/walkthrough-20260101-120000
        """;

    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("file")
        {
            Description = $"Model files, saved models or run folders. Formats: {string.Join(", ", ModelFormats.All)}.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Prints a JSON object for each file." };
        var command = new Command("inspect", "Describes a model file: tensors, graph, metadata, sizes.")
        {
            files,
            json,
        };
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            string[] paths = parsed.GetValue(files)!;
            int exit = ExitCode.Done;
            foreach (string path in paths)
            {
                try
                {
                    FileDescription description = ModelFormats.Find(path).Describe(path);
                    if (parsed.GetValue(json))
                    {
                        terminal.Output.WriteLine(FileListing.Json(path, description));
                    }
                    else
                    {
                        FileListing.Write(terminal.Output, path, description);
                    }
                }
                catch (LaminaException e) when (paths.Length > 1)
                {
                    // The other files may be readable.
                    terminal.WriteError(ErrorLine.Of(e));
                    exit = ExitCode.Failed;
                }
            }
            terminal.Output.Flush();
            return exit;
        });
        return command;
    }
}
