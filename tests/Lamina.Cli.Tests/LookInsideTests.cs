using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>The commands that look inside a network, with a small model of two classes.</summary>
public sealed class LookInsideTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _model;
    private readonly string _data;

    public LookInsideTests()
    {
        _model = SmallModel.Write(_folder);
        _data = _folder.WriteImages("data", perClass: 12);
    }

    private string Light => Path.Combine(_data, "light", "3.png");

    private string Dark => Path.Combine(_data, "dark", "0.png");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Explain_writes_a_picture_per_image_and_says_how_far_to_trust_each_map()
    {
        string maps = _folder["maps"];
        string other = _folder["3.png"];
        File.Copy(Dark, other);
        Outcome outcome = Alexnet.Run("explain", _model, Light, other, "--output", maps, "--activations", "--json");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonArray json = JsonNode.Parse(outcome.Output)!.AsArray();
        Assert.Equal([Light, other], json.Select(j => j!["image"]!.GetValue<string>()));
        // Two images of one name have different pictures.
        string[] pictures = [.. json.Select(j => j!["picture"]!.GetValue<string>())];
        Assert.Equal([Path.Combine(maps, "3.png"), Path.Combine(maps, "3-2.png")], pictures);
        Assert.All(pictures, AssertPng);
        AssertPng(Path.Combine(maps, "3.activations.png"));
        JsonArray methods = json[0]!["maps"]!.AsArray();
        Assert.Equal(
            ["grad-cam", "grad-cam++", "occlusion", "integrated-gradients", "saliency", "smoothgrad", "guided"],
            methods.Select(m => m!["method"]!.GetValue<string>())
        );
        Assert.All(methods, m => Assert.InRange(m!["deletion"]!.GetValue<double>(), 0, 1));
        Assert.Equal(json[0]!["predictions"]![0]!.ToJsonString(), json[0]!["explained"]!.ToJsonString());
    }

    [Fact]
    public void Explain_of_a_class_and_methods_prints_text()
    {
        Outcome outcome = Alexnet.Run(
            "explain",
            _model,
            Light,
            "--class",
            "dark",
            "--method",
            "occlusion",
            "saliency",
            "--dark",
            "--output",
            _folder.Root
        );
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Output.Split('\n');
        Assert.Equal(Light, lines[0]);
        Assert.StartsWith("  explains  dark, ", lines[1], StringComparison.Ordinal);
        Assert.Equal($"  picture   {_folder["3.png"]}", lines[2]);
        Assert.Equal(["areas", "deletion", "insertion"], lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("  occlusion ", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("  saliency ", lines[5], StringComparison.Ordinal);
        AssertPng(_folder["3.png"]);
    }

    [Theory]
    [InlineData("explain|MODEL|nowhere.png", "nowhere.png: no such file.")]
    [InlineData("explain|nowhere|IMAGE", "nowhere: no such run folder or saved model.")]
    [InlineData("explain|MODEL|TEXT", "is not an image that can be read (JPEG, PNG, WebP, BMP or GIF).")]
    [InlineData("explain|MODEL|IMAGE|--class|gray", "has no class 'gray'. Its classes are dark, light.")]
    [InlineData("explain|MODEL|IMAGE|--layer|nowhere", "has no layer 'nowhere'. Layers with maps are conv2d")]
    [InlineData("explain|MODEL|IMAGE|--layer|flatten", "flatten: its output has no maps")]
    [InlineData("neighbors|MODEL|IMAGE", "is not a run, so its data is unknown. Use a folder of images.")]
    [InlineData("neighbors|MODEL|IMAGE|--data|DATA|--layer|nowhere", "has no layer 'nowhere'. Its layers are ")]
    [InlineData("filters|MODEL|--data|DATA|--filter|32", "there is no filter 32. ")]
    [InlineData("filters|MODEL|--data|DATA|--layer|dense", "dense: its output has no maps")]
    [InlineData("calibrate|MODEL", "is not a run, so its data is unknown. Use a folder of images.")]
    [InlineData("predict|MODEL|IMAGE|--calibrated", "calibration.json: does not exist. Calibrate the run first.")]
    public void Bad_use_is_one_line(string line, string error)
    {
        File.WriteAllText(_folder["text.jpg"], "just some words\n");
        string[] args =
        [
            .. line.Split('|')
                .Select(a =>
                    a switch
                    {
                        "MODEL" => _model,
                        "IMAGE" => Light,
                        "TEXT" => _folder["text.jpg"],
                        "DATA" => _data,
                        _ => a,
                    }
                ),
        ];
        Outcome outcome = Alexnet.Run(args);
        Assert.Equal(1, outcome.Code);
        Assert.Contains(error, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists("explain"));
    }

    [Fact]
    public void A_model_without_a_convolution_is_explained_by_the_other_methods()
    {
        string path = _folder["dense.lamina"];
        Symbol input = Layers.Input(28, 28, 1);
        Model model = Layers.Model(input, Layers.Dense(2, activation: "softmax")(Layers.Flatten()(input)));
        var metadata = new Runs.RunInfo(
            ["dark", "light"],
            new Preprocessing
            {
                Height = 28,
                Width = 28,
                Channels = 1,
            },
            null,
            []
        ).ToJson();
        ModelFile.Save(model, path, new SaveOptions { Metadata = metadata });
        Outcome outcome = Alexnet.Run("explain", path, Light, "--output", _folder.Root, "--json", "--no-curves");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonArray maps = JsonNode.Parse(outcome.Output)![0]!["maps"]!.AsArray();
        Assert.Equal(
            ["occlusion", "integrated-gradients", "saliency", "smoothgrad", "guided"],
            maps.Select(m => m!["method"]!.GetValue<string>())
        );
        Assert.All(maps, m => Assert.Null(m!["deletion"]));
        Outcome refused = Alexnet.Run("explain", path, Light, "--output", _folder.Root, "--method", "grad-cam");
        Assert.Contains("which Grad-CAM needs", refused.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nearest_image_of_a_searched_image_is_itself()
    {
        string picture = _folder["near.png"];
        string[] args = ["neighbors", _model, Light, Dark, "--data", _data, "--count", "3", "--output", picture];
        Outcome outcome = Alexnet.Run([.. args, "--json"]);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonArray json = JsonNode.Parse(outcome.Output)!.AsArray();
        Assert.Equal([Light, Dark], json.Select(j => j!["neighbors"]![0]!["image"]!.GetValue<string>()));
        Assert.All(json, j => Assert.Equal(0, j!["neighbors"]![0]!["distance"]!.GetValue<double>(), 1e-4));
        Assert.All(json, j => Assert.Equal(3, j!["neighbors"]!.AsArray().Count));
        AssertPng(picture);
        // The features are on disk now, and are found again by another run.
        string[] cached = Directory.GetFiles(_folder[".features"], "*.safetensors", SearchOption.AllDirectories);
        Assert.Single(cached);
        DateTime written = File.GetLastWriteTimeUtc(cached[0]);
        Outcome again = Alexnet.Run(args);
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Contains("searched 24 images by 64 outputs of dense\n", again.Output, StringComparison.Ordinal);
        Assert.Equal(written, File.GetLastWriteTimeUtc(cached[0]));
    }

    [Fact]
    public void Bad_images_are_left_out_of_searched_and_asked_ones()
    {
        File.WriteAllText(Path.Combine(_data, "dark", "00.jpg"), "just some words\n");
        string bad = _folder["bad.jpg"];
        File.WriteAllText(bad, "just some words\n");
        Outcome outcome = Alexnet.Run(
            "neighbors",
            _model,
            bad,
            Light,
            "--data",
            _data,
            "--output",
            _folder["n.png"],
            "--json"
        );
        Assert.Equal(1, outcome.Code);
        JsonArray json = JsonNode.Parse(outcome.Output)!.AsArray();
        // The skipped image shifts no index.
        Assert.Equal(Light, json[0]!["neighbors"]![0]!["image"]!.GetValue<string>());
        Assert.Equal(bad, json[1]!["image"]!.GetValue<string>());
        Assert.Contains("skipped", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_maps_and_attacks_write_their_pictures()
    {
        string filters = _folder["filters.png"];
        Outcome found = Alexnet.Run(
            "filters",
            _model,
            "--data",
            _data,
            "--layer",
            "conv2d",
            "--filter",
            "0",
            "5",
            "--output",
            filters,
            "--json"
        );
        Assert.Equal((0, ""), (found.Code, found.Error));
        JsonArray all = JsonNode.Parse(found.Output)!["filters"]!.AsArray();
        Assert.Equal([0, 5], all.Select(f => f!["filter"]!.GetValue<int>()));
        Assert.Equal(9, all[0]!["patches"]!.AsArray().Count);
        AssertPng(filters);

        Outcome map = Alexnet.Run("map", _model, _data, "--output", _folder["map"], "--json");
        Assert.Equal((0, ""), (map.Code, map.Error));
        Assert.Equal(24, JsonNode.Parse(map.Output)!["images"]!.AsArray().Count);
        AssertPng(Path.Combine(_folder["map"], "map.png"));
        AssertPng(Path.Combine(_folder["map"], "confusion-by-similarity.png"));
        Outcome dark = Alexnet.Run("map", _model, _data, "--output", _folder["dark-map"], "--dark");
        Assert.Equal((0, ""), (dark.Code, dark.Error));
        Assert.All(
            ["map.png", "confusion-by-similarity.png"],
            (string name) =>
            {
                using var picture = SkiaSharp.SKBitmap.Decode(Path.Combine(_folder["dark-map"], name));
                Assert.True(picture.GetPixel(1, 1).Red < 60, name);
            }
        );

        Outcome attack = Alexnet.Run(
            "attack",
            _model,
            _data,
            "--output",
            _folder["attack"],
            "--epsilon",
            "8",
            "0",
            "--json"
        );
        Assert.Equal((0, ""), (attack.Code, attack.Error));
        JsonArray points = JsonNode.Parse(attack.Output)!["points"]!.AsArray();
        Assert.Equal([0.0, 8.0], points.Select(p => p!["epsilon"]!.GetValue<double>()));
        Assert.Equal(points[0]!["one_step"]!.GetValue<double>(), points[0]!["many_steps"]!.GetValue<double>());
        AssertPng(Path.Combine(_folder["attack"], "accuracy.png"));
    }

    [Fact]
    public void A_calibrated_run_predicts_the_same_classes_with_its_temperature()
    {
        // A run folder contains its model in model/.
        string run = _folder["run"];
        Directory.CreateDirectory(run);
        (Model model, Runs.RunInfo info) = Runs.RunInfo.Load(_model);
        ModelFile.Save(model, Path.Combine(run, "model"), new SaveOptions { Metadata = info.ToJson() });
        Outcome outcome = Alexnet.Run("calibrate", run, _data, "--json");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        Assert.Equal(12, json["fitted_on"]!.GetValue<int>());
        Assert.Equal(12, json["measured_on"]!.GetValue<int>());
        Assert.Equal(json["before"]!["accuracy"]!.GetValue<double>(), json["after"]!["accuracy"]!.GetValue<double>());
        AssertPng(Path.Combine(run, "calibration.png"));

        double temperature = json["temperature"]!.GetValue<double>();
        double plain = BestOf(Alexnet.Run("predict", run, Light, "--json"), out string first);
        double calibrated = BestOf(Alexnet.Run("predict", run, Light, "--json", "--calibrated"), out string second);
        Assert.Equal(first, second);
        Assert.Equal(1 / (1 + Math.Pow((1 - plain) / plain, 1 / temperature)), calibrated, 1e-4);

        File.WriteAllText(Path.Combine(run, "calibration.json"), "{\"temperature\":0}");
        Assert.Contains(
            "Calibrate the run again.",
            Alexnet.Run("predict", run, Light, "--calibrated").ErrorLine,
            StringComparison.Ordinal
        );
    }

    private static double BestOf(Outcome outcome, out string name)
    {
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonNode best = JsonNode.Parse(outcome.Output)![0]!["predictions"]![0]!;
        name = best["class"]!.GetValue<string>();
        return best["probability"]!.GetValue<double>();
    }

    private static void AssertPng(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);
        Assert.True(bytes.Length > 2000, $"{path} has {bytes.Length} bytes.");
    }
}
