using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary><c>alexnet profile</c>: its table, JSON and picture.</summary>
public sealed class ProfileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_profile_is_printed_written_and_drawn()
    {
        Outcome outcome = Alexnet.Run(
            "profile",
            "walkthrough",
            "--batch",
            "2",
            "--input",
            "64",
            "--classes",
            "10",
            "--rounds",
            "1",
            "--seconds",
            "0",
            "--json",
            _folder["p.json"],
            "--picture",
            _folder["p.svg"]
        );
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith("walkthrough, training, batch 2, ", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(
            @"\nforward +conv2d +convolution +(product of patches|oneDNN convolution) +[\d.]+ +[\d.]+ % ",
            outcome.Output
        );
        Assert.Matches(@"\nbackward +conv2d_4 +relu +SIMD mask in place ", outcome.Output);
        Assert.Matches(@"\nupdate +dense_1 +kernel +sgd ", outcome.Output);
        Assert.Matches(@"\npeak, computed +[\d,.]+  \w", outcome.Output);

        JsonNode json = JsonNode.Parse(File.ReadAllText(_folder["p.json"]))!;
        JsonArray kernels = json["kernels"]!.AsArray();
        Assert.Equal(
            (double)json["step_ms"]!,
            kernels.Sum(k => (double)k!["ms"]!) + (double)json["rest_ms"]!,
            0.01 * (double)json["step_ms"]!
        );
        JsonNode memory = json["memory"]!;
        // Other tests' tensors come and go in this process; MemoryTests compare the two where nothing else does.
        Assert.True((double)memory["peak_counted"]! > 0);
        Assert.True((double)memory["peak_computed"]! > 0);
        string picture = File.ReadAllText(_folder["p.svg"]);
        Assert.StartsWith("<?xml", picture, StringComparison.Ordinal);
        Assert.Matches("product of patches|oneDNN convolution", picture);
        Assert.EndsWith("</svg>\n", picture, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--inference --training", "--training and --inference exclude each other. Use one of them.")]
    [InlineData("--inference --recompute", "--recompute applies to training only. Remove --inference.")]
    [InlineData("--picture p.gif", "--picture: 'p.gif' is neither a .png nor an .svg.")]
    [InlineData("--batch 0", "--batch: '0' is not a whole number from 1 to 65536.")]
    public void Wrong_usage_is_one_line(string options, string message)
    {
        Outcome outcome = Alexnet.Run(["profile", "paper", .. options.Split(' ')]);
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith(message, outcome.ErrorLine, StringComparison.Ordinal);
    }
}
