using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lamina.Runs;
using Lamina.Runs.Data;
using SkiaSharp;

namespace Lamina.Cli.Tests;

/// <summary>Train, evaluate, predict: the whole system on a few small images.</summary>
public sealed partial class RunTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    private static readonly string[] s_pictures =
    [
        "curves.png",
        "confusion.png",
        "filters.png",
        "predictions.png",
        "explanations.png",
        "model.png",
        "training-images.png",
    ];

    [Fact]
    public void Training_writes_the_run_folder()
    {
        Assert.Equal(0, trained.Outcome.Code);
        Assert.Equal(
            [
                "checkpoints",
                "confusion.png",
                "curves.png",
                "explanations.png",
                "filters.png",
                "history.csv",
                "model",
                "model.png",
                "predictions.png",
                "report.html",
                "run.json",
                "summary.txt",
                "training-images.png",
            ],
            Directory.GetFileSystemEntries(trained.Run).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)
        );
        foreach (string picture in s_pictures)
        {
            using var bitmap = SKBitmap.Decode(Path.Combine(trained.Run, picture));
            Assert.True(bitmap.Width > 50 && bitmap.Height > 50, picture);
        }
        Assert.Contains(
            "(None, 48, 48, 3)",
            File.ReadAllText(Path.Combine(trained.Run, "summary.txt")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void History_has_a_row_an_epoch()
    {
        string[] rows = File.ReadAllLines(Path.Combine(trained.Run, "history.csv"));
        Assert.Equal("epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second", rows[0]);
        Assert.Equal(3, rows.Length);
        for (int i = 1; i < rows.Length; i++)
        {
            double[] values = [.. rows[i].Split(',').Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
            Assert.Equal(i, values[0]);
            Assert.InRange(values[2], 0, 1);
            Assert.InRange(values[4], 0, 1);
            Assert.InRange(values[5], 0, 0.02);
        }
    }

    [Fact]
    public void Plain_progress_is_lines_and_a_bad_image_is_named_once()
    {
        Assert.Equal(
            $"skipped {Path.Combine(trained.Data, "dark", "text.jpg")}: "
                + "is not an image that can be read (JPEG, PNG, WebP, BMP or GIF).",
            trained.Outcome.ErrorLine
        );
        string text = trained
            .Outcome.Output.ReplaceLineEndings("\n")
            .Replace(trained.Folder.Root, "TMP", StringComparison.Ordinal);
        // A slow machine writes lines between these, and two epochs may be too few to be better than the baselines.
        text = string.Concat(
            text.Split('\n')
                .Where(l => !l.Contains("step", StringComparison.Ordinal))
                .Where(l => !l.StartsWith("comparing", StringComparison.Ordinal))
                .Where(l => !l.StartsWith("warning", StringComparison.Ordinal))
                .Select(l => l + "\n")
        );
        Golden.Equal("train.txt", Measured().Replace(text, "#"));
    }

    [Fact]
    public void Evaluate_finds_the_test_images_again()
    {
        Outcome outcome = Alexnet.Run("evaluate", trained.Run, "--json");
        Assert.Equal(0, outcome.Code);
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        string[] last = File.ReadAllLines(Path.Combine(trained.Run, "history.csv"))[^1].Split(',');
        Assert.Equal(double.Parse(last[3], CultureInfo.InvariantCulture), json["loss"]!.GetValue<double>(), 1e-4);
        Assert.Equal(double.Parse(last[4], CultureInfo.InvariantCulture), json["top1"]!.GetValue<double>(), 1e-9);
        Assert.Equal(1, json["top5"]!.GetValue<double>());
        Assert.Equal(1, json["crops"]!.GetValue<int>());
        int[] counts = [.. json["confusion"]!.AsArray().SelectMany(r => r!.AsArray()).Select(c => c!.GetValue<int>())];
        Assert.Equal(json["images"]!.GetValue<int>(), counts.Sum());
        Assert.Equal(["dark", "light"], json["classes"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void Ten_crops_are_averaged_and_errors_are_what_is_not_right()
    {
        Outcome outcome = Alexnet.Run("evaluate", trained.Run, "--crops", "10", "--json");
        Assert.Equal(0, outcome.Code);
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        Assert.Equal(10, json["crops"]!.GetValue<int>());
        Assert.Equal(1 - json["top1"]!.GetValue<double>(), json["top1_error"]!.GetValue<double>(), 1e-12);
        Assert.Equal(0, json["top5_error"]!.GetValue<double>());
        // The same by hand: probabilities of the ten rows of each image, averaged.
        (Model model, RunInfo info) = RunInfo.Load(trained.Run);
        LabeledImages images = DataSelection.OpenTest(info.Data!, info.Classes, TestContext.Current.CancellationToken);
        double loss = 0;
        int count = 0;
        foreach (
            Batch batch in new DataLoader(images, info.Preprocessing, new DataLoaderOptions { Crops = 10 }).Batches(0)
        )
        {
            for (int i = 0; i < batch.Count; i++)
            {
                var truth = (int)batch.Targets[0].Values[i];
                NDArray rows = model.Predict(batch.Inputs[0].Samples(10 * i, 10));
                double p = Enumerable.Range(0, 10).Average(row => (double)rows[row, truth]);
                loss -= Math.Log(Math.Clamp(p, 1e-7, 1 - 1e-7));
                count++;
            }
        }
        Assert.Equal(loss / count, json["loss"]!.GetValue<double>(), 1e-4);
    }

    [Fact]
    public void A_class_without_test_images_is_named_once()
    {
        string data = trained.Folder.WriteImages("half", perClass: 4);
        Directory.Delete(Path.Combine(data, "light"), recursive: true);
        Outcome outcome = Alexnet.Run("evaluate", trained.Run, data);
        Assert.Equal((0, "no images to test on of class 'light'."), (outcome.Code, outcome.ErrorLine));
        Assert.Matches(@"light +0 +\S+ +- +-", outcome.Output);

        // An empty folder is no more than a missing one, and training can be tested on it too.
        Directory.CreateDirectory(Path.Combine(data, "light"));
        string train = trained.Folder.WriteImages("whole", perClass: 4);
        outcome = Alexnet.Run(
            "train",
            train,
            "--validation",
            data,
            "--epochs",
            "1",
            "--batch",
            "4",
            "--output",
            trained.Folder["lacking"]
        );
        Assert.Equal((0, "no images to test on of class 'light'."), (outcome.Code, outcome.ErrorLine));
        Assert.Contains("test images    4\n", outcome.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_was_not_trained_is_an_error_that_names_it()
    {
        string data = trained.Folder.WriteImages("more", perClass: 2);
        Directory.Move(Path.Combine(data, "light"), Path.Combine(data, "bright"));
        Outcome outcome = Alexnet.Run("train", trained.Data, "--validation", data, "--output", trained.Folder["none"]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{data}: has a class folder 'bright', which", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(trained.Folder["none"]), "a run folder was made for nothing");
    }

    [Fact]
    public void Evaluate_prints_tables()
    {
        Outcome outcome = Alexnet.Run("evaluate", trained.Run, trained.Data);
        Assert.Equal(0, outcome.Code);
        Assert.Contains("images  60\n", outcome.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Matches(@"precision +recall +F1", outcome.Output);
        Assert.Matches(@"1 light +\d+ +\d+", outcome.Output);
    }

    [Fact]
    public void Predict_names_classes_and_goes_on_after_a_bad_file()
    {
        string bad = Path.Combine(trained.Data, "dark", "text.jpg");
        string good = Path.Combine(trained.Data, "light", "0.png");
        Outcome outcome = Alexnet.Run("predict", trained.Run, bad, good, "--json");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{bad}: is not an image", outcome.ErrorLine, StringComparison.Ordinal);
        JsonArray json = JsonNode.Parse(outcome.Output)!.AsArray();
        Assert.Equal(bad, json[0]!["image"]!.GetValue<string>());
        Assert.NotNull(json[0]!["error"]);
        double[] probabilities =
        [
            .. json[1]!["predictions"]!.AsArray().Select(p => p!["probability"]!.GetValue<double>()),
        ];
        Assert.Equal(2, probabilities.Length);
        Assert.Equal(1, probabilities.Sum(), 1e-5);
        Assert.True(probabilities[0] >= probabilities[1]);

        outcome = Alexnet.Run("predict", trained.Run, good, "--top", "1");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Matches(@"^.*0\.png\r?\n +\d+\.\d\d %  (dark|light)\r?\n$", outcome.Output);
    }

    [Fact]
    public void Predict_says_where_the_time_went()
    {
        string image = Path.Combine(trained.Data, "light", "0.png");
        Outcome outcome = Alexnet.Run("predict", trained.Run, image, "--timings");
        Assert.Equal(0, outcome.Code);
        Assert.Matches(
            @"^total \d+\.\d\d s: start \d+\.\d\d, model \d+\.\d\d, then libtorch \d+\.\d\d "
                + @"\(loaded in \d+\.\d\d in parallel\), 1 image \d+\.\d\d\n$",
            outcome.Error
        );
    }

    [Fact]
    public void Only_what_computes_loads_libtorch()
    {
        Outcome predict = WithoutLibtorch("predict", trained.Run, Path.Combine(trained.Data, "light", "0.png"));
        Assert.Equal(1, predict.Code);
        Assert.StartsWith("LAMINA_LIBTORCH is /no/such", predict.ErrorLine, StringComparison.Ordinal);
        foreach (
            string[] args in (string[][])
                [
                    ["--version"],
                    ["--help"],
                    ["summary", trained.Run],
                ]
        )
        {
            Outcome outcome = WithoutLibtorch(args);
            Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        }

        static Outcome WithoutLibtorch(params string[] args) =>
            Alexnet.Finish(
                Alexnet.StartWith([new("LAMINA_LIBTORCH", "/no/such")], "dotnet", [Alexnet.Assembly, .. args])
            );
    }

    [Fact]
    public void Summary_and_plot_take_a_run()
    {
        Outcome outcome = Alexnet.Run("summary", trained.Run);
        Assert.Equal(0, outcome.Code);
        Assert.Contains("(None, 2)", outcome.Output, StringComparison.Ordinal);
        string svg = trained.Folder["model.svg"];
        Assert.Equal(0, Alexnet.Run("plot", trained.Run, "-o", svg).Code);
        Assert.Contains("<svg", File.ReadAllText(svg), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_never_overwritten()
    {
        Outcome outcome = Alexnet.Run("train", trained.Data, "--output", trained.Run);
        Assert.Equal(1, outcome.Code);
        Assert.Equal($"{trained.Run}: the folder is not empty. Use another folder for the run.", outcome.ErrorLine);
    }

    [Fact]
    public void Other_classes_than_the_models_are_refused()
    {
        string other = trained.Folder["other"];
        foreach (string name in (string[])["cat", "dark", "dog"])
        {
            Directory.CreateDirectory(Path.Combine(other, name));
        }
        Outcome outcome = Alexnet.Run("evaluate", trained.Run, other);
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            $"{other}: has a class folder 'cat', which is not one of the 2 classes of the model or of the training data. "
                + "Rename it, or move it elsewhere.",
            outcome.ErrorLine
        );
    }

    [Fact]
    public void An_unknown_layer_in_a_saved_model_is_refused()
    {
        string copy = trained.Folder["tampered"];
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Path.Combine(trained.Run, "model")))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
        // Consistent with its checksums, as a hostile model would be.
        string architecture = Path.Combine(copy, "architecture.json");
        byte[] old = File.ReadAllBytes(architecture);
        string text = System
            .Text.Encoding.UTF8.GetString(old)
            .Replace("\"Flatten\"", "\"Flatterer\"", StringComparison.Ordinal);
        File.WriteAllText(architecture, text);
        byte[] changed = File.ReadAllBytes(architecture);
        string manifest = Path.Combine(copy, "model.json");
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest)
                .Replace(Hash(old), Hash(changed), StringComparison.Ordinal)
                .Replace($" {old.Length}", $" {changed.Length}", StringComparison.Ordinal)
        );
        Outcome outcome = Alexnet.Run("evaluate", copy);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{architecture}: ", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("Flatterer", outcome.ErrorLine, StringComparison.Ordinal);
    }

    private static string Hash(byte[] bytes) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    [GeneratedRegex(@"\d+:\d\d|\d+\.\d{4}|\d+\.\d\d(?= %)|\d+(?= images/s)")]
    private static partial Regex Measured();
}
