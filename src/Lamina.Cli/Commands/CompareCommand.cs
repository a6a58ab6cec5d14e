using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet compare</c> command: prints models side by side.</summary>
internal static class CompareCommand
{
    private const string Examples = """
          alexnet compare                              the whole family
          alexnet compare paper owt --classes 10
          alexnet compare --input 227 --markdown
          alexnet compare paper --json                 with each layer's cost
        """;

    public static Command Create(Terminal terminal)
    {
        var names = new Argument<string[]>("model")
        {
            Description =
                $"Model names ({string.Join(", ", Zoo.Names)}), or paths of saved models or runs. Default: all names.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        ModelArgument.Complete(names);
        var zoo = new ZooOption();
        var json = new Option<bool>("--json") { Description = "Prints JSON with the cost of each layer." };
        var markdown = new Option<bool>("--markdown") { Description = "Prints Markdown tables." };
        var command = new Command("compare", "Compares models: size, operations, memory, differences.")
        {
            names,
            json,
            markdown,
        };
        command.Validators.Add(result =>
        {
            if (result.IsOn(json) && result.IsOn(markdown))
            {
                result.AddError("--json and --markdown exclude each other. Use one of them.");
            }
        });
        zoo.All.ToList().ForEach(command.Add);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            ZooOptions options = zoo.Read(parsed);
            IReadOnlyList<string> asked = parsed.GetValue(names) is { Length: > 0 } given ? given : Zoo.Names;
            ModelTraits[] models = [.. asked.Select(n => new ModelTraits(n, ModelArgument.Resolve(n, options)))];
            terminal.Output.Write(
                parsed.GetValue(json) ? ComparisonTables.ToJson(models)
                : parsed.GetValue(markdown) ? ComparisonTables.ToMarkdown(models)
                : ComparisonTables.ToText(models)
            );
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }
}
