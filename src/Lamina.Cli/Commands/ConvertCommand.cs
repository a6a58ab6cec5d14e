using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet convert</c> command: writes a model in another format, without a native library.</summary>
internal static class ConvertCommand
{
    private const string Examples = """
          alexnet convert runs/walkthrough-20260101-120000 walkthrough.onnx
          alexnet convert alexnet.pth alexnet.onnx --model owt --classes-from imagenet.txt
          alexnet convert model.keras saved --to lamina
        """;

    public static Command Create(Terminal terminal)
    {
        var from = new Argument<string>("from")
        {
            Description = "Run folder, saved model, or model file of any format.",
        };
        var to = new Argument<string>("to")
        {
            Description = "File or folder to write; its extension selects the format.",
        };
        var format = new Option<string>("--to")
        {
            Description = "Sets the format, if the extension does not.",
            HelpName = "FORMAT",
        };
        format.Accept([.. ModelFormats.All.Where(f => f.CanSave).Select(f => f.Name)]);
        var layout = new Option<string>("--layout")
        {
            Description = "Sets the image layout of an ONNX file: nchw (PyTorch) or nhwc (Keras). Default: nchw.",
        };
        layout.Accept("nchw", "nhwc");
        var force = new Option<bool>("--force") { Description = "Replaces an existing file or folder." };
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
