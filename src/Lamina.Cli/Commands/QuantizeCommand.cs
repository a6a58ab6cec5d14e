using System.CommandLine;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The <c>alexnet quantize</c> command.</summary>
internal sealed class QuantizeCommand(Terminal terminal)
{
    private const int StandardImages = 512;
    private const int MostImages = 1_000_000;
    private const string Examples = """
          alexnet quantize runs/walkthrough-20260101-120000
          alexnet quantize runs/photos --calibrate photos/train --images 256
          alexnet quantize runs/photos --method entropy --output photos.int8.safetensors
          alexnet predict runs/photos cat.jpg --int8
        """;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, QuantizationMethod> s_methods = new(StringComparer.Ordinal)
    {
        ["minmax"] = QuantizationMethod.MinMax,
        ["percentile"] = QuantizationMethod.Percentile,
        ["entropy"] = QuantizationMethod.Entropy,
    };

    private readonly Argument<string> _run = new("run") { Description = "Run folder, or saved model." };
    private readonly Option<string?> _calibrate = new("--calibrate")
    {
        Description =
            "Sets the calibration images: a folder of images or of IDX files. " + "Default: the run's training data.",
        HelpName = "DIR",
    };
    private readonly Option<string?> _format = FormatOption.Create();
    private readonly Option<int> _images = NumberOption.Whole(
        "--images",
        "Sets how many images to calibrate with, drawn at random.",
        StandardImages,
        1,
        MostImages
    );
    private readonly Option<string> _method = new("--method")
    {
        Description =
            "Sets how value ranges are chosen: full range, all but the outermost 0.01 %, or least divergence.",
        DefaultValueFactory = _ => s_methods.First(m => m.Value == new QuantizeOptions().Method).Key,
    };
    private readonly Option<string[]> _keep = new("--keep")
    {
        Description = "Keeps these layers in float32.",
        HelpName = "LAYER",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _output = new("--output")
    {
        Description = "Sets the file or run folder to write. Default: model.int8.safetensors in the run folder.",
        HelpName = "FILE|RUN",
    };
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new QuantizeCommand(terminal).Build();

    private Command Build()
    {
        _method.Accept([.. s_methods.Keys]);
        var command = new Command(
            "quantize",
            "Quantizes a model to 8 bits: a quarter of the size, several times faster."
        )
        {
            _run,
            _calibrate,
            _format,
            _images,
            _method,
            _keep,
            _output,
        };
        _verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        var options = new QuantizationOptions
        {
            Calibrate = parsed.GetValue(_calibrate),
            Format = FormatOption.Of(parsed.GetValue(_format)),
            Quantize = new QuantizeOptions
            {
                Method = s_methods[parsed.GetValue(_method)!],
                Samples = parsed.GetValue(_images),
                FloatLayers = parsed.GetValue(_keep) ?? [],
                OnProgress = Progress(terminal, parsed.GetValue(_images)),
            },
            Output = parsed.GetValue(_output),
        };
        return Run(terminal, parsed.GetValue(_run)!, options);
    }

    private static int Run(Terminal terminal, string run, QuantizationOptions options)
    {
        using var interrupts = new Interrupts(
            () => terminal.WriteError("interrupted: stopping. No partial file is written."),
            terminal
        );
        interrupts.Listen();
        var observer = new CommandObserver(terminal);
        QuantizationResult result = RunQuantizer.Quantize(run, options, observer, interrupts.Token);
        observer.Conclude();
        QuantizationText.Write(terminal.Output, result, options.Quantize.Method);
        ModelDetails.Libraries(terminal);
        return ExitCode.Done;
    }

    private static Action<int> Progress(Terminal terminal, int images)
    {
        long last = TimeProvider.System.GetTimestamp();
        return seen =>
        {
            if (TimeProvider.System.GetElapsedTime(last) >= s_interval)
            {
                last = TimeProvider.System.GetTimestamp();
                terminal.Say(FormattableString.Invariant($"calibrating   {seen} images, of {images} at most"));
            }
        };
    }

    /// <summary>Creates the <c>--int8</c> option of other commands.</summary>
    public static Option<bool> UseOption() =>
        new("--int8") { Description = "Uses the run's quantized model, as written by 'alexnet quantize'." };

    /// <summary>Creates the <c>--half</c> option of other commands.</summary>
    public static Option<bool> HalfOption() =>
        new("--half") { Description = "Stores the weights of dense layers in 16 bits: faster for single images." };
}
