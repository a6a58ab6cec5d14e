using System.CommandLine;
using System.Globalization;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The <c>alexnet pack</c> command.</summary>
internal sealed class PackCommand(Terminal terminal)
{
    private const string Examples = """
          alexnet pack imagenet packed
          alexnet pack photos packed --side 288 --quality 95
          alexnet pack photos packed --raw
          alexnet train packed --recipe paper
        """;

    private static readonly PackOptions s_defaults = new();

    private readonly Argument<string> _source = new("source")
    {
        Description = "Class folders, or another source as for train.",
    };
    private readonly Argument<string> _folder = new("dir")
    {
        Description = "Folder to write. After an interruption, the same command packs the rest.",
    };
    private readonly Option<int> _side = NumberOption.Whole(
        "--side",
        "Sets the short side of packed images in pixels. Smaller images keep their size.",
        s_defaults.Side,
        1,
        4096
    );
    private readonly Option<int> _quality = NumberOption.Whole(
        "--quality",
        "Sets the quality of JPEG.",
        s_defaults.Quality,
        1,
        100
    );
    private readonly Option<bool> _raw = new("--raw")
    {
        Description = "Stores pixels instead of JPEG: the central square, for the fastest reading.",
    };
    private readonly Option<int> _images = NumberOption.Whole(
        "--images-per-shard",
        "Sets the number of images in a shard.",
        s_defaults.ImagesPerShard,
        1,
        1_000_000
    );
    private readonly Option<long> _seed = NumberOption.Long(
        "--seed",
        "Sets the seed of the order of the images. Default: 0."
    );
    private readonly Option<string?> _format = FormatOption.Create();
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Creates the command.</summary>
    public static Command Create(Terminal terminal) => new PackCommand(terminal).Build();

    private Command Build()
    {
        var command = new Command(
            "pack",
            "Packs a data set into tar shards of small images in random order, which train reads fast."
        )
        {
            _source,
            _folder,
            _side,
            _quality,
            _raw,
            _images,
            _seed,
            _format,
        };
        PathCompletions.Add(_source, []);
        command.Validators.Add(result =>
        {
            if (result.IsOn(_raw) && result.GetResult(_quality) is { Implicit: false })
            {
                result.AddError("--raw and --quality exclude each other. Use one of them.");
            }
        });
        _verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _verbosity.Apply(parsed, terminal);
        var options = new PackOptions
        {
            Side = parsed.GetValue(_side),
            Quality = parsed.GetValue(_quality),
            Raw = parsed.GetValue(_raw),
            Seed = parsed.GetValue(_seed),
            ImagesPerShard = parsed.GetValue(_images),
        };
        DataFormat? known = FormatOption.Of(parsed.GetValue(_format));
        return Run(parsed.GetValue(_source)!, parsed.GetValue(_folder)!, known, options);
    }

    private int Run(string source, string folder, DataFormat? format, PackOptions options)
    {
        using var interrupts = new Interrupts(
            () =>
                terminal.WriteError(
                    "interrupted: stopping. Finished shards are kept; the same command packs the rest."
                ),
            terminal
        );
        interrupts.Listen();
        var progress = new PackLine(terminal, TimeProvider.System);
        PackResult result;
        try
        {
            result = DataPacker.Pack(source, folder, format, options, progress, interrupts.Token);
        }
        finally
        {
            progress.Conclude();
        }
        string kept = result.KeptShards > 0 ? $", {Number(result.KeptShards)} of them kept" : "";
        Line("packed", $"{Number(result.Images)} images");
        Line("skipped", Number(result.Skipped.Count));
        Line("shards", string.Create(CultureInfo.InvariantCulture, $"{result.Shards:N0}{kept}"));
        Line("size", string.Create(CultureInfo.InvariantCulture, $"{result.Bytes / 1e6:N1} MB"));
        Line("folder", result.Folder);
        return ExitCode.Done;

        void Line(string name, string value) => terminal.Output.WriteLine($"{name, -12} {OneLine.Of(value)}");
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
