using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet summary</c> command: prints models as Keras does.</summary>
internal static class SummaryCommand
{
    private const string Examples = """
          alexnet summary walkthrough
          alexnet summary walkthrough listing          as one Keras process prints both
          alexnet summary walkthrough --classes 10 --input 64 --style keras3
          alexnet summary runs/walkthrough-20260101-120000
        """;

    public static Command Create(Terminal terminal)
    {
        var names = new Argument<string[]>("model")
        {
            Description =
                $"Model names ({string.Join(", ", Zoo.Names)}), built in this order in one process, or paths of saved models or runs.",
            Arity = ArgumentArity.OneOrMore,
        };
        ModelArgument.Complete(names);
        var style = new Option<string>("--style")
        {
            Description = "Sets the format: keras2 (2.7 to 2.12) or keras3.",
            DefaultValueFactory = _ => "keras2",
        };
        style.Accept("keras2", "keras3");
        var zoo = new ZooOption();
        var command = new Command("summary", "Prints a model's layers, shapes and parameters as Keras does.")
        {
            names,
            style,
        };
        zoo.All.ToList().ForEach(command.Add);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            ZooOptions options = zoo.Read(parsed);
            SummaryStyle chosen = parsed.GetValue(style) == "keras3" ? SummaryStyle.Keras3 : SummaryStyle.Keras2;
            foreach (string name in parsed.GetValue(names)!)
            {
                ModelArgument.Resolve(name, options).Summary(terminal.Output, chosen);
            }
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }
}
