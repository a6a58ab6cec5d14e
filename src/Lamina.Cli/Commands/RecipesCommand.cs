using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet recipes</c> command: lists the recipes, or prints one as JSON.</summary>
internal static class RecipesCommand
{
    private const string Examples = """
          alexnet recipes
          alexnet recipes paper > mine.json
          alexnet train photos --recipe mine.json
        """;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("name")
        {
            Description = "Recipe to print as JSON. Default: a list of all.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.HelpName = name.Name;
        name.CompletionSources.Add([.. Recipe.Names]);
        var command = new Command("recipes", "Lists the training recipes, or prints one as JSON.") { name };
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(name) is { } chosen)
            {
                terminal.Output.WriteLine(Recipe.Get(chosen).ToJson());
            }
            else
            {
                List(terminal.Output);
            }
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }

    private static void List(TextWriter output)
    {
        int width = Recipe.Names.Max(n => n.Length);
        foreach (Recipe recipe in Recipe.Names.Select(Recipe.Get))
        {
            output.WriteLine($"{recipe.Name.PadRight(width)}  {recipe.Description}");
            output.WriteLine($"{new string(' ', width)}  {recipe.Source}");
        }
    }
}
