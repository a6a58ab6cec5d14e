using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet plot</c> command: draws a model like plot_model of Keras.</summary>
internal static class PlotCommand
{
    private const string Examples = """
          alexnet plot listing -o listing.png
          alexnet plot walkthrough -o walkthrough.svg --show-layer-activations
          alexnet plot walkthrough --show-shapes false -o walkthrough.dot
          alexnet plot runs/walkthrough-20260101-120000 -o model.svg
        """;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("model")
        {
            Description = $"Model name ({string.Join(", ", Zoo.Names)}), or path of a saved model or run.",
        };
        ModelArgument.Complete(name);
        var output = new Option<string>("--output", "-o")
        {
            Description = "Sets the file to write: .png, .svg or .dot (Graphviz).",
            HelpName = "FILE",
            DefaultValueFactory = _ => "model.png",
        };
        Option<bool> shapes = Flag("--show-shapes", "Shows input and output shapes.", true);
        Option<bool> names = Flag("--show-layer-names", "Shows layer names.", true);
        Option<bool> types = Flag("--show-dtype", "Shows element types.", false);
        Option<bool> activations = Flag("--show-layer-activations", "Shows layer activations.", false);
        var direction = new Option<string>("--rankdir")
        {
            Description = "Sets the direction: TB (top to bottom) or LR (left to right).",
            DefaultValueFactory = _ => "TB",
        };
        direction.Accept("TB", "LR");
        Option<int> dpi = NumberOption.Whole("--dpi", "Sets the resolution of a PNG in dots per inch.", 96, 10, 1200);
        var zoo = new ZooOption();
        var command = new Command("plot", "Draws a model like plot_model of Keras.")
        {
            name,
            output,
            shapes,
            names,
            types,
            activations,
            direction,
            dpi,
        };
        zoo.All.ToList().ForEach(command.Add);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(output)!;
            OutputFile.Require(file);
            ZooOptions options = zoo.Read(parsed);
            Plotting.PlotModel(
                ModelArgument.Resolve(parsed.GetValue(name)!, options),
                file,
                parsed.GetValue(shapes),
                parsed.GetValue(types),
                parsed.GetValue(names),
                parsed.GetValue(direction)!,
                dpi: parsed.GetValue(dpi),
                showLayerActivations: parsed.GetValue(activations)
            );
            terminal.Output.WriteLine(file);
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<bool> Flag(string name, string description, bool standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };
}
