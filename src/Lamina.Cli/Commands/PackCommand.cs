using System.CommandLine;
using System.Globalization;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The <c>alexnet pack</c> command.</summary>
internal static class PackCommand
{
    private const string Examples = """
          alexnet pack imagenet packed
          alexnet pack photos packed --side 288 --quality 95
          alexnet pack photos packed --raw
          alexnet train packed --recipe paper
        """;

    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("source") { Description = "Class folders, or another source as for train." };
        var folder = new Argument<string>("dir")
        {
            Description = "Folder to write. After an interruption, the same command packs the rest.",
        };
        var defaults = new PackOptions();
        Option<int> side = NumberOption.Whole(
            "--side",
            "Sets the short side of packed images in pixels. Smaller images keep their size.",
            defaults.Side,
            1,
            4096
        );
        Option<int> quality = NumberOption.Whole("--quality", "Sets the quality of JPEG.", defaults.Quality, 1, 100);
        var raw = new Option<bool>("--raw")
        {
            Description = "Stores pixels instead of JPEG: the central square, for the fastest reading.",
        };
        Option<int> images = NumberOption.Whole(
            "--images-per-shard",
            "Sets the number of images in a shard.",
            defaults.ImagesPerShard,
            1,
            1_000_000
        );
        Option<long> seed = NumberOption.Long("--seed", "Sets the seed of the order of the images. Default: 0.");
        Option<string?> format = FormatOption.Create();
        var command = new Command(
            "pack",
            "Packs a data set into tar shards of small images in random order, which train reads fast."
        )
        {
            source,
            folder,
            side,
            quality,
            raw,
            images,
            seed,
            format,
        };
        PathCompletions.Add(source, []);
        command.Validators.Add(result =>
        {
            if (result.IsOn(raw) && result.GetResult(quality) is { Implicit: false })
            {
                result.AddError("--raw and --quality exclude each other. Use one of them.");
            }
        });
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            var options = new PackOptions
            {
                Side = parsed.GetValue(side),
                Quality = parsed.GetValue(quality),
                Raw = parsed.GetValue(raw),
                Seed = parsed.GetValue(seed),
                ImagesPerShard = parsed.GetValue(images),
            };
            DataFormat? known = FormatOption.Of(parsed.GetValue(format));
            return Run(terminal, parsed.GetValue(source)!, parsed.GetValue(folder)!, known, options);
        });
        return command;
    }

    private static int Run(Terminal terminal, string source, string folder, DataFormat? format, PackOptions options)
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
