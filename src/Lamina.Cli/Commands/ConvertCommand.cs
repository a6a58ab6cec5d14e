using System.CommandLine;

namespace Lamina.Cli;

/// <summary><c>alexnet convert</c>: a model from one format to another. Loads no native library.</summary>
internal static class ConvertCommand
{
    private const string Examples = """
          alexnet convert runs/walkthrough-20260101-120000 walkthrough.onnx
          alexnet convert alexnet.pth alexnet.onnx --model owt --classes-from imagenet.txt
          alexnet convert model.keras saved --to lamina
        """;

    public static Command Create(Terminal terminal)
    {
        var from = new Argument<string>("from") { Description = "A run, a saved model, or a file of any format." };
        var to = new Argument<string>("to")
        {
            Description = "The file or folder to write; its ending says the format.",
        };
        var format = new Option<string>("--to")
        {
            Description = "Sets the format, if the ending does not say it.",
            HelpName = "FORMAT",
        };
        format.Accept([.. ModelFormats.All.Where(f => f.CanSave).Select(f => f.Name)]);
        var layout = new Option<string>("--layout")
        {
            Description =
                "Sets the layout of images in an ONNX file: nchw, as in PyTorch, or nhwc, as in Keras. Default: nchw.",
        };
        layout.Accept("nchw", "nhwc");
        var force = new Option<bool>("--force") { Description = "Replaces what is there." };
        var source = new SourceOptions();
        var command = new Command("convert", "Writes a model in another format.") { from, to, format, layout, force };
        source.All.ToList().ForEach(command.Add);
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            return new Conversion(
                parsed.GetValue(from)!,
                parsed.GetValue(to)!,
                parsed.GetValue(format),
                parsed.GetValue(layout) == "nhwc" ? OnnxLayout.Nhwc : OnnxLayout.Nchw,
                source.Read(parsed),
                parsed.GetValue(force)
            ).Run(terminal);
        });
        return command;
    }
}
