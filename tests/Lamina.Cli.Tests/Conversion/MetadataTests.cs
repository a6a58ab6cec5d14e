using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests.Conversion;

/// <summary>Classes and preprocessing go with the weights into every format, and come back.</summary>
public sealed class MetadataTests : IDisposable
{
    private const string Odd = "boot, \"left\"\nand\u001b[31m right 靴";

    private readonly TempFolder _folder = new();
    private readonly string _image;

    public MetadataTests()
    {
        Session.Clear();
        Model model = Zoo.Build(
            "d2l",
            new ZooOptions
            {
                Classes = 3,
                InputSize = 65,
                Channels = 1,
            }
        );
        var options = new SaveOptions
        {
            Metadata = new JsonObject
            {
                ["classes"] = new JsonArray("bag", Odd, "shoe"),
                ["preprocessing"] = JsonNode.Parse(
                    new Preprocessing
                    {
                        Height = 65,
                        Width = 65,
                        Channels = 1,
                        Mean = [0.25],
                    }.ToJson()
                ),
            },
        };
        ModelFile.Save(model, From, options);
        _image = Path.Combine(_folder.WriteImages("images", 1), "light", "0.png");
    }

    public static TheoryData<string> Written => [.. ModelFormats.All.Where(f => f.CanSave).Select(f => f.Name)];

    private string From => _folder["from.lamina"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Written))]
    public void A_converted_model_predicts_the_same_classes_without_being_told_more(string name)
    {
        ModelFormat format = ModelFormats.ByName(name)!;
        JsonArray expected = Predicted(From, []);
        string to = Convert(format);
        string[] told = format.CanLoad ? [] : ["--model", "d2l"];
        JsonArray actual = Predicted(to, told);
        Assert.Equal(3, actual.Count);
        Assert.Contains(actual, p => p!["class"]!.GetValue<string>() == Odd);
        foreach ((JsonNode? then, JsonNode? now) in expected.Zip(actual))
        {
            Assert.Equal(then!["class"]!.GetValue<string>(), now!["class"]!.GetValue<string>());
            Assert.Equal(then["probability"]!.GetValue<float>(), now["probability"]!.GetValue<float>(), 1e-5f);
        }
        // For a person, a class is on one line.
        Assert.Equal(4, Alexnet.Run(["predict", to, _image, .. told]).Output.TrimEnd('\n').Split('\n').Length);
        // Back again, nothing is lost.
        string back = _folder["back.lamina"];
        Assert.Equal(0, Alexnet.Run(["convert", to, back, .. told]).Code);
        Assert.Equal(Odd, ModelFile.Load(back).Metadata["classes"]![1]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void Inspect_shows_the_classes(string name)
    {
        string to = Convert(ModelFormats.ByName(name)!);
        string text = Alexnet.Run("inspect", to).Output;
        Assert.Contains("metadata classes: [\"bag\",", text, StringComparison.Ordinal);
        Assert.Contains("metadata preprocessing: {", text, StringComparison.Ordinal);
        JsonNode json = JsonNode.Parse(Alexnet.Run("inspect", to, "--json").Output)!;
        Assert.Equal(Odd, json["metadata"]!["classes"]![1]!.GetValue<string>());
    }

    [Fact]
    public void The_file_beside_a_state_dict_is_kept_replaced_and_removed_with_it()
    {
        string weights = _folder["w.pth"];
        string side = $"{weights}.json";
        File.WriteAllText(side, "mine");
        Outcome outcome = Alexnet.Run("convert", From, weights);
        Assert.Equal(
            (1, $"{side}: already exists. Choose another name, or use --force to replace it."),
            (outcome.Code, outcome.ErrorLine)
        );
        Assert.Equal(("mine", false), (File.ReadAllText(side), File.Exists(weights)));
        Assert.Equal(0, Alexnet.Run("convert", From, weights, "--force").Code);
        Assert.Equal("shoe", JsonNode.Parse(File.ReadAllText(side))!["classes"]![2]!.GetValue<string>());
        // Weights of a model that says nothing must not get the classes of the one before.
        Session.Clear();
        ModelFile.Save(Zoo.Build("d2l", new ZooOptions { Classes = 3, InputSize = 65 }), _folder["bare.lamina"]);
        Assert.Equal(0, Alexnet.Run("convert", _folder["bare.lamina"], weights, "--force").Code);
        Assert.False(File.Exists(side));
        // Neither file is written where one cannot be.
        File.Delete(weights);
        Directory.CreateDirectory(Path.Combine(side, "full"));
        outcome = Alexnet.Run("convert", From, weights, "--force");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{side}: is a folder", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(File.Exists(weights));
    }

    [Theory]
    [InlineData("""{"classes": ["a", "b", "c"]""", "malformed JSON")]
    [InlineData("""["a", "b", "c"]""", "is not a JSON object")]
    [InlineData("""{"classes": 3, "preprocessing": {}}""", "the metadata 'classes' is malformed")]
    [InlineData("""{"classes": ["a", 2, "c"], "preprocessing": {}}""", "the metadata 'classes' is malformed")]
    [InlineData("""{"classes": ["a", null, "c"], "preprocessing": {}}""", "the metadata 'classes' is malformed")]
    [InlineData("""{"classes": ["a", "b"], "preprocessing": {"height":65,"width":65,"channels":1}}""", "2 class names")]
    [InlineData("""{"classes": ["a", "b", "c"], "preprocessing": {"height":-1}}""", "'preprocessing' is malformed")]
    [InlineData("""{"classes": ["a", "b", "c"], "preprocessing": "none"}""", "'preprocessing' is malformed")]
    [InlineData("""{"classes": ["a", "b", "c"]}""", "does not contain preprocessing")]
    public void Damaged_metadata_is_named_in_one_line(string metadata, string reason)
    {
        string weights = _folder["w.pth"];
        Assert.Equal(0, Alexnet.Run("convert", From, weights).Code);
        File.WriteAllText($"{weights}.json", metadata);
        Outcome outcome = Alexnet.Run("predict", weights, _image, "--model", "d2l", "--input", "65", "--channels", "1");
        Assert.Equal(1, outcome.Code);
        Assert.Contains(reason, outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_of_another_type_in_a_Keras_archive_or_tfjs_model_is_named_in_one_line()
    {
        string archive = Convert(ModelFormats.ByName("keras")!);
        using (ZipArchive zip = ZipFile.Open(archive, ZipArchiveMode.Update))
        {
            zip.GetEntry("metadata.json")!.Delete();
            using var writer = new StreamWriter(zip.CreateEntry("metadata.json").Open());
            writer.Write("""{"keras_version": "3.3.3", "lamina_metadata": "evil\nline"}""");
        }
        Outcome outcome = Alexnet.Run("predict", archive, _image);
        Assert.Equal(1, outcome.Code);
        Assert.Contains(
            "metadata.json: its lamina_metadata is not a JSON object",
            outcome.ErrorLine,
            StringComparison.Ordinal
        );
        string web = Convert(ModelFormats.ByName("tfjs")!);
        JsonNode root = JsonNode.Parse(File.ReadAllText(web))!;
        root["userDefinedMetadata"] = new JsonArray(1);
        File.WriteAllText(web, root.ToJsonString());
        outcome = Alexnet.Run("predict", web, _image);
        Assert.Equal(1, outcome.Code);
        Assert.Contains("its userDefinedMetadata is not a JSON object", outcome.ErrorLine, StringComparison.Ordinal);
        // The API that is asked for the model alone does not look.
        Assert.Equal(3, KerasFile.Load(archive).Outputs[0].Shape[1]);
    }

    private string Convert(ModelFormat format)
    {
        string to = _folder[$"to{format.Extensions[0]}"];
        Outcome outcome = Alexnet.Run("convert", From, to);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.DoesNotContain("not kept: the metadata", outcome.Output, StringComparison.Ordinal);
        return to;
    }

    private JsonArray Predicted(string model, string[] told)
    {
        Outcome outcome = Alexnet.Run(["predict", model, _image, "--json", .. told]);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        return JsonNode.Parse(outcome.Output)![0]!["predictions"]!.AsArray();
    }
}
