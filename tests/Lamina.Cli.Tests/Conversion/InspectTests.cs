using System.Text.Json.Nodes;
using Lamina.Cli.Tests.Transfer;

namespace Lamina.Cli.Tests.Conversion;

/// <summary><c>alexnet inspect</c>: what is in files, told without a terminal being told anything else.</summary>
public sealed class InspectTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_saved_model_is_told_with_tensors_graph_and_metadata()
    {
        string file = Small();
        Outcome outcome = Alexnet.Run("inspect", file);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string text = outcome.Output.Replace(_folder.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        // The archive's own bytes are few, and another .NET may need other ones.
        Assert.Matches(@"^small\.lamina: Lamina saved model, 2\d\d\.\d kB\n", text);
        Golden.Equal("inspect.txt", text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
    }

    [Fact]
    public void Json_has_the_same()
    {
        Outcome outcome = Alexnet.Run("inspect", Small(), "--json");
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        Assert.Equal("Lamina saved model", json["format"]!.GetValue<string>());
        Assert.Equal(new FileInfo(_folder["small.lamina"]).Length, json["bytes"]!.GetValue<long>());
        Assert.Equal(12, json["tensors"]!.AsArray().Count);
        Assert.Equal("[5,5,1,16]", json["tensors"]![0]!["shape"]!.ToJsonString());
        Assert.Equal(1600, json["tensors"]![0]!["bytes"]!.GetValue<int>());
        Assert.Equal("shoe", json["metadata"]!["classes"]![1]!.GetValue<string>());
    }

    [Fact]
    public void Hostile_names_reach_no_terminal()
    {
        const string name = "evil\u001b]0;title\u0007\r\n\u202edrow\u2028\0";
        string file = _folder["evil\u001b.safetensors"];
        SafetensorsWriter.Save(
            file,
            [new SafetensorsEntry(name, new NDArray([1], (float[])[1]))],
            new Dictionary<string, string> { [name] = name }
        );
        Outcome outcome = Alexnet.Run("inspect", file);
        Assert.Equal(0, outcome.Code);
        string[] lines = outcome.Output.Split('\n');
        Assert.Equal(8, lines.Length);
        Assert.DoesNotContain(lines, l => l.Any(c => char.IsControl(c) || c is '\u202e' or '\u2028'));
        Outcome json = Alexnet.Run("inspect", file, "--json");
        Assert.DoesNotContain('\u001b', json.Output);
        Assert.Equal(name, JsonNode.Parse(json.Output)!["tensors"]![0]!["name"]!.GetValue<string>());
        Assert.DoesNotContain('\u001b', Alexnet.Run("inspect", file + "2").Error);
    }

    [Fact]
    public void What_is_no_model_is_one_line_and_the_other_files_are_told()
    {
        string whole = Small();
        string cut = _folder["cut.lamina"];
        File.WriteAllBytes(cut, File.ReadAllBytes(whole)[..^100]);
        Outcome outcome = Alexnet.Run("inspect", cut);
        Assert.Equal((1, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith($"{cut}: is not a saved model, or is damaged", outcome.ErrorLine, StringComparison.Ordinal);

        outcome = Alexnet.Run("inspect", _folder["none"], whole);
        Assert.Equal(1, outcome.Code);
        Assert.Equal($"{_folder["none"]}: cannot be read: no such file.", outcome.ErrorLine);
        Assert.Contains("parameters", outcome.Output, StringComparison.Ordinal);

        outcome = Alexnet.Run("inspect", _folder.Root);
        Assert.Equal(
            (1, $"{_folder.Root}: is a folder, but neither a run nor a saved model."),
            (outcome.Code, outcome.ErrorLine)
        );
        File.WriteAllBytes(_folder["empty"], []);
        Assert.Equal(1, Alexnet.Run("inspect", _folder["empty"]).Code);
    }

    private string Small()
    {
        string file = _folder["small.lamina"];
        ModelFile.Save(
            ClothesData.Network(2, seed: 1),
            file,
            new SaveOptions { Metadata = new JsonObject { ["classes"] = new JsonArray("bag", "shoe") } }
        );
        return file;
    }
}
