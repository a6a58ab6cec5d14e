using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>Where <c>predict</c> gets images from: files, folders, the standard input.</summary>
public sealed class PredictInputTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _model;
    private readonly string _data;

    public PredictInputTests()
    {
        _model = SmallModel.Write(_folder);
        _data = _folder.WriteImages("data", perClass: 2);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_minus_reads_the_standard_input()
    {
        string image = Path.Combine(_data, "light", "0.png");
        byte[] bytes = File.ReadAllBytes(image);
        Outcome piped = Predict(new MemoryStream(bytes), "-", image, "--json");
        Assert.Equal((0, ""), (piped.Code, piped.Error));
        JsonArray json = JsonNode.Parse(piped.Output)!.AsArray();
        Assert.Equal(["-", image], json.Select(j => j!["image"]!.GetValue<string>()));
        Assert.True(JsonNode.DeepEquals(json[0]!["predictions"], json[1]!["predictions"]));
    }

    [Fact]
    public void A_standard_input_without_an_image_is_an_error()
    {
        AssertError(Predict(null, "-"), "standard input: is a terminal. Pipe an image into it, or use a file.");
        AssertError(Predict(new MemoryStream(), "-"), "standard input: is empty.");
        AssertError(
            Predict(new MemoryStream("just some words"u8.ToArray()), "-"),
            "standard input: is not an image that can be read (JPEG, PNG, WebP, BMP or GIF)."
        );
        Outcome twice = Predict(new MemoryStream(), "-", "-");
        Assert.Equal(2, twice.Code);
        Assert.StartsWith("-: standard input holds one image.", twice.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_pipe_is_read_to_its_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a shell.");
        using Process process = Alexnet.StartFile(
            "sh",
            "-c",
            // In two pieces, as a network sends them.
            "{ head -c 100 \"$2\"; sleep 0.2; tail -c +101 \"$2\"; } | dotnet \"$0\" predict \"$1\" - --top 1",
            Alexnet.Assembly,
            _model,
            Path.Combine(_data, "dark", "0.png")
        );
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Matches(@"^-\r?\n +\d+\.\d\d %  (dark|light)\r?\n$", outcome.Output);
    }

    [Fact]
    public void A_folder_is_all_its_images()
    {
        File.WriteAllText(Path.Combine(_data, "dark", "bad.jpg"), "just some words\n");
        Directory.CreateSymbolicLink(Path.Combine(_data, "loop"), ".");
        Directory.CreateDirectory(_folder["empty"]);
        Outcome outcome = Predict(null, _data, _folder["empty"], "--json");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            [
                $"alexnet: skipped {_data}/loop: is a link to a folder that contains it, and was not followed.",
                $"alexnet: {_data}/dark/bad.jpg: is not an image that can be read (JPEG, PNG, WebP, BMP or GIF).",
                $"alexnet: {_folder["empty"]}: has no images (JPEG, PNG, WebP, BMP, GIF).",
            ],
            outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );
        Assert.Equal(
            ["dark/0.png", "dark/1.png", "dark/bad.jpg", "light/0.png", "light/1.png", "../empty"],
            JsonNode
                .Parse(outcome.Output)!
                .AsArray()
                .Select(j => Path.GetRelativePath(_data, j!["image"]!.GetValue<string>()))
        );
    }

    [Fact]
    public void A_file_whose_name_is_like_an_option_follows_two_minuses()
    {
        string odd = _folder["--top"];
        File.Copy(Path.Combine(_data, "dark", "0.png"), odd);
        Outcome outcome = Alexnet.Run("predict", _model, "--top", "1", "--", odd);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        outcome = Alexnet.Run("predict", _model, "--", "--tpo");
        Assert.Equal((1, "--tpo: no such file."), (outcome.Code, outcome.ErrorLine));
    }

    private Outcome Predict(Stream? input, params string[] args)
    {
        Session.Clear();
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = Program.Run(["predict", _model, .. args], new Terminal(output, error, input: () => input));
        return new Outcome(code, output.ToString(), error.ToString());
    }

    private static void AssertError(Outcome outcome, string line) =>
        Assert.Equal((1, line), (outcome.Code, outcome.ErrorLine));
}
