using System.Text.Json.Nodes;
using Lamina.Cli.Tests.Transfer;

namespace Lamina.Cli.Tests.Conversion;

/// <summary><c>alexnet convert</c>: every format that is written, and what does not go.</summary>
public sealed class ConvertTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Model _model = ClothesData.Network(3, seed: 1);

    public ConvertTests() =>
        ModelFile.Save(
            _model,
            From,
            new SaveOptions
            {
                Metadata = new JsonObject
                {
                    ["classes"] = new JsonArray("bag", "boot", "shoe"),
                    ["preprocessing"] = JsonNode.Parse(
                        new Preprocessing
                        {
                            Height = 28,
                            Width = 28,
                            Channels = 1,
                            Mean = [0.25],
                        }.ToJson()
                    ),
                },
                OptimizerState = new Dictionary<string, NDArray> { ["x"] = new([1], (float[])[1]) },
            }
        );

    public static TheoryData<string> Written => [.. ModelFormats.All.Where(f => f.CanSave).Select(f => f.Name)];

    private string From => _folder["from.lamina"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Written))]
    public void What_is_written_is_read_back_and_predicts_the_same(string name)
    {
        ModelFormat format = ModelFormats.ByName(name)!;
        string to = _folder["to" + format.Extensions[0]];
        Outcome outcome = Alexnet.Run("convert", From, to);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains($" → {to} ({name}): ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("not kept: the optimizer state", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(!format.HoldsGraph, outcome.Output.Contains("not kept: the graph", StringComparison.Ordinal));
        Assert.Equal(
            !format.HoldsMetadata,
            outcome.Output.Contains("not kept: the metadata: classes, preprocessing", StringComparison.Ordinal)
        );
        Assert.Same(format, ModelFormats.Find(to));
        // The ending does not matter where the content tells.
        string renamed = _folder["renamed.bin"];
        if (format.Name != "weights.h5" && File.Exists(to))
        {
            File.Copy(to, renamed);
            Assert.Same(format, ModelFormats.Find(renamed));
        }

        Model read;
        if (format.HoldsGraph)
        {
            LoadedModel loaded = format.Load(to);
            read = loaded.Model;
            if (format.HoldsMetadata)
            {
                Assert.Equal("boot", loaded.Metadata["classes"]![1]!.GetValue<string>());
            }
        }
        else
        {
            read = ClothesData.Network(3, seed: 2);
            format.LoadWeights(read, to);
        }
        var random = new Random(1);
        var images = new NDArray(
            [4, 28, 28, 1],
            (float[])[.. Enumerable.Range(0, 4 * 784).Select(_ => random.NextSingle())]
        );
        float[] expected = _model.Predict(images).Values.ToArray();
        float[] actual = read.Predict(images).Values.ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5f));
    }

    [Fact]
    public void A_file_that_says_its_classes_and_preprocessing_predicts_as_the_model_it_was_made_from()
    {
        string image = Path.Combine(_folder.WriteImages("images", 1), "light", "0.png");
        string expected = Alexnet.Run("predict", From, image, "--json").Output;
        foreach (ModelFormat format in ModelFormats.All.Where(f => f.CanSave && f.CanLoad))
        {
            string to = _folder["to" + format.Extensions[0]];
            Alexnet.Run("convert", From, to);
            Outcome outcome = Alexnet.Run("predict", to, image, "--json");
            Assert.Equal((0, ""), (outcome.Code, outcome.Error));
            foreach ((JsonNode? then, JsonNode? now) in Predictions(expected).Zip(Predictions(outcome.Output)))
            {
                Assert.Equal(then!["class"]!.GetValue<string>(), now!["class"]!.GetValue<string>());
                Assert.Equal(then["probability"]!.GetValue<float>(), now["probability"]!.GetValue<float>(), 1e-5f);
            }
        }

        static JsonArray Predictions(string json) => JsonNode.Parse(json)![0]!["predictions"]!.AsArray();
    }

    [Fact]
    public void Weights_alone_need_their_models_name_and_take_the_files_classes_and_size()
    {
        Session.Clear();
        Model model = Zoo.Build("d2l", new ZooOptions { Classes = 4, InputSize = 65 });
        string weights = _folder["w.pth"];
        PyTorchFile.SaveWeights(model, weights);
        Outcome outcome = Alexnet.Run("convert", weights, _folder["w.lamina"]);
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            $"{weights}: a PyTorch state dict contains weights without a model. Set the model that they belong to ({string.Join(", ", Zoo.Names)}).",
            outcome.ErrorLine
        );
        outcome = Alexnet.Run("convert", weights, _folder["w.lamina"], "--model", "d2l", "--input", "65");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Model read = ModelFile.Load(_folder["w.lamina"]).Model;
        Assert.Equal(4, read.Head.Units);
        Assert.All(
            model.Weights.Zip(read.Weights),
            p => Assert.True(p.First.GetValues().AsSpan().SequenceEqual(p.Second.GetValues()))
        );
        Assert.Equal(1, Alexnet.Run("convert", weights, _folder["o.lamina"], "--model", "owt").Code);
        Assert.False(File.Exists(_folder["o.lamina"]));
    }

    [Fact]
    public void Nothing_is_replaced_unasked_and_what_fails_leaves_nothing()
    {
        string to = _folder["to.safetensors"];
        File.WriteAllText(to, "mine");
        Refused([From, to], $"{to}: already exists. Choose another name, or use --force to replace it.");
        Assert.Equal("mine", File.ReadAllText(to));
        Assert.Equal(0, Alexnet.Run("convert", From, to, "--force").Code);
        Refused([From, From, "--force"], $"{From}: is also the source. Choose another name.");
        Refused(
            [From, _folder["to"]],
            $"{_folder["to"]}: unknown extension. Set the format with --to: {string.Join(", ", ModelFormats.All.Where(f => f.CanSave))}."
        );
        string deep = Path.Combine(_folder["nowhere"], "to.safetensors");
        Refused([From, deep], $"{deep}: cannot be written: no such folder.");
        Assert.Equal(0, Alexnet.Run("convert", From, _folder["saved"], "--to", "lamina").Code);
        Assert.True(File.Exists(Path.Combine(_folder["saved"], "architecture.json")));
        File.WriteAllLines(_folder["two.txt"], ["a", "b"]);
        Refused(
            [From, _folder["x.lamina"], "--classes-from", _folder["two.txt"]],
            $"{_folder["two.txt"]}: contains 2 class names, but the model has 3 outputs."
        );
        Assert.Equal(2, Alexnet.Run("convert", From, to, "--to", "caffemodel").Code);

        static void Refused(string[] args, string message)
        {
            Outcome outcome = Alexnet.Run(["convert", .. args]);
            Assert.Equal((1, message), (outcome.Code, outcome.ErrorLine));
        }
    }
}
