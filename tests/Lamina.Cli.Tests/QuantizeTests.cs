using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lamina.Cli.Tests;

/// <summary>Quantize, and use what it made.</summary>
public sealed partial class QuantizeTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    [Fact]
    public void A_run_is_quantized_and_used()
    {
        Outcome outcome = Alexnet.Run("quantize", trained.Run, "--images", "12");
        Assert.Equal(0, outcome.Code);
        string file = Path.Combine(trained.Run, "model.int8.safetensors");
        // What a slow machine says between is left out.
        string[] lines =
        [
            .. outcome
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => !l.StartsWith("calibrating", StringComparison.Ordinal)),
        ];
        Assert.Equal("calibrated    12 images, min and max", lines[0]);
        Assert.Equal(["float32", "int8"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        (double Before, double After) size = Numbers(lines[2], "size, MB");
        Assert.InRange(size.After / size.Before, .24, .27);
        Assert.Equal(new FileInfo(file).Length / 1e6, size.After, .051);
        (double Before, double After) top = Numbers(lines[3], "test top-1, %");
        Assert.Equal(top.Before, top.After, .5);
        Assert.Equal(100, Numbers(lines[4], "test top-5, %").After);
        (double Before, double After) loss = Numbers(lines[5], "test loss");
        Assert.Equal(loss.Before, loss.After, .05 * Math.Max(loss.Before, .1));
        Assert.Equal("test images   30", lines[6]);
        Assert.Equal($"file          {file}", lines[7]);
        Assert.Equal(8, lines.Length);

        foreach (
            string[] args in (string[][])
                [
                    [trained.Run, "--int8"],
                    [file],
                ]
        )
        {
            Outcome evaluated = Alexnet.Run(["evaluate", .. args, "--json"]);
            Assert.Equal(0, evaluated.Code);
            JsonNode json = JsonNode.Parse(evaluated.Output)!;
            Assert.Equal(top.After, 100 * json["top1"]!.GetValue<double>(), .005);
            Assert.Equal(loss.After, json["loss"]!.GetValue<double>(), 5.1e-5);
        }
        string image = Path.Combine(trained.Data, "light", "3.png");
        double exact = BestOf(Alexnet.Run("predict", trained.Run, image, "--json"));
        Assert.Equal(exact, BestOf(Alexnet.Run("predict", trained.Run, image, "--json", "--int8")), .05);
        Assert.Equal(exact, BestOf(Alexnet.Run("predict", file, image, "--json")), .05);
    }

    [Fact]
    public void Calibration_takes_any_folder_of_images()
    {
        // No class folders, and names that are no classes.
        string images = trained.Folder["loose"];
        Directory.CreateDirectory(Path.Combine(images, "any", "where"));
        File.Copy(Path.Combine(trained.Data, "dark", "1.png"), Path.Combine(images, "a.png"));
        File.Copy(Path.Combine(trained.Data, "light", "1.png"), Path.Combine(images, "any", "where", "b.png"));
        string file = trained.Folder["loose.int8.safetensors"];
        Outcome outcome = Alexnet.Run([
            "quantize",
            trained.Run,
            "--calibrate",
            images,
            "--method",
            "percentile",
            "--output",
            file,
        ]);
        Assert.Equal(0, outcome.Code);
        Assert.DoesNotContain("loose", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("2 images, percentile\n", outcome.Output, StringComparison.Ordinal);
        using var model = QuantizedModel.Load(file);
        Assert.Equal((QuantizationMethod.Percentile, 2), (model.Method, model.CalibrationSamples));
        Assert.Equal(8, model.QuantizedLayers.Count);
    }

    [Fact]
    public void A_layer_can_stay_in_float32()
    {
        string file = trained.Folder["kept.int8.safetensors"];
        Outcome outcome = Alexnet.Run([
            "quantize",
            trained.Run,
            "--images",
            "8",
            "--keep",
            "conv2d",
            "dense_2",
            "--output",
            file,
        ]);
        Assert.Equal(0, outcome.Code);
        using var model = QuantizedModel.Load(file);
        Assert.Equal(6, model.QuantizedLayers.Count);
        outcome = Alexnet.Run("quantize", trained.Run, "--keep", "conv9", "--output", trained.Folder["no"]);
        Assert.Equal(1, outcome.Code);
        Assert.Contains("has no layer 'conv9' to keep", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(File.Exists(trained.Folder["no"]));
    }

    [Fact]
    public void What_cannot_be_is_one_line()
    {
        string empty = trained.Folder["empty"];
        Directory.CreateDirectory(empty);
        string text = Path.Combine(trained.Data, "dark", "text.jpg");
        string run = trained.Folder["plain"];
        Directory.CreateDirectory(run);
        (string[] Args, string Expected)[] cases =
        [
            (["quantize", trained.Run, "--calibrate", empty], "has no images"),
            (["quantize", trained.Run, "--calibrate", trained.Folder["none"]], "no such folder"),
            (["quantize", trained.Run, "--calibrate", text], "is a file"),
            (["quantize", trained.Folder["none"]], "no such run"),
            (
                ["quantize", trained.Run, "--output", Path.Combine(trained.Folder["none"], "x")],
                "does not exist. Create it"
            ),
            (["predict", run, text, "--int8"], "no quantized model. Quantize"),
            (["evaluate", Path.Combine(trained.Run, "history.csv"), "--int8"], "is not a quantized model"),
        ];
        foreach ((string[] args, string expected) in cases)
        {
            Outcome outcome = Alexnet.Run(args);
            Assert.Equal(1, outcome.Code);
            Assert.Contains(
                expected,
                outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1],
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void An_interrupted_one_leaves_nothing()
    {
        string file = trained.Folder["interrupted.int8.safetensors"];
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        Session.Clear();
        int code = Program.Run(
            ["quantize", trained.Run, "--output", file],
            new Terminal(output, error, interrupt: new CancellationToken(canceled: true))
        );
        Assert.Equal((130, "alexnet: interrupted.\n"), (code, error.ToString()));
        Assert.False(File.Exists(file));
    }

    private static double BestOf(Outcome outcome)
    {
        Assert.Equal(0, outcome.Code);
        JsonNode best = JsonNode.Parse(outcome.Output)![0]!["predictions"]![0]!;
        return best["index"]!.GetValue<int>() + best["probability"]!.GetValue<double>();
    }

    private static (double Before, double After) Numbers(string line, string name)
    {
        Match match = Columns().Match(line);
        Assert.Equal(name, match.Groups[1].Value);
        return (
            double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture),
            double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture)
        );
    }

    [GeneratedRegex(@"^(.+?) +([\d.]+) +([\d.]+)$")]
    private static partial Regex Columns();
}
