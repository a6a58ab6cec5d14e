namespace Lamina.Cli.Tests;

/// <summary>Skipped images, and what <c>--quiet</c> and <c>--verbose</c> make of them.</summary>
public sealed class VerbosityTests : IDisposable
{
    private const int Bad = 25;
    private readonly TempFolder _folder = new();
    private readonly string _model;
    private readonly string _data;

    public VerbosityTests()
    {
        _model = SmallModel.Write(_folder);
        _data = _folder.WriteImages("data", perClass: 3);
        for (int i = 0; i < Bad; i++)
        {
            File.WriteAllText(Path.Combine(_data, "dark", $"bad{i:D2}.jpg"), "just some words\n");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_many_bad_images_ten_are_listed()
    {
        Outcome outcome = Alexnet.Run("evaluate", _model, _data);
        Assert.Equal(0, outcome.Code);
        string[] lines = Lines(outcome);
        Assert.Equal(11, lines.Length);
        for (int i = 0; i < 10; i++)
        {
            Assert.StartsWith(
                $"alexnet: skipped {_data}/dark/bad{i:D2}.jpg: is not",
                lines[i],
                StringComparison.Ordinal
            );
        }
        Assert.Equal("alexnet: … and 15 more (--verbose lists all).", lines[10]);
        Assert.Contains("images  6\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_bad_images_are_all()
    {
        for (int i = 10; i < Bad; i++)
        {
            File.Delete(Path.Combine(_data, "dark", $"bad{i:D2}.jpg"));
        }
        Assert.Equal(10, Lines(Alexnet.Run("evaluate", _model, _data)).Length);
    }

    [Fact]
    public void Verbose_lists_all_and_the_libraries()
    {
        Outcome outcome = Alexnet.Run("evaluate", _model, _data, "--verbose", "--json");
        Assert.Equal(0, outcome.Code);
        string[] lines = Lines(outcome);
        Assert.Equal(Bad, lines.Count(l => l.Contains("skipped", StringComparison.Ordinal)));
        Assert.Contains("classes: dark, light", lines);
        Assert.Single(lines, l => l.StartsWith("libtorch: ", StringComparison.Ordinal));
        Assert.Single(lines, l => l.StartsWith("preprocessing: {", StringComparison.Ordinal));
        // What a program reads is as it was.
        Assert.NotNull(System.Text.Json.Nodes.JsonNode.Parse(outcome.Output));
    }

    [Fact]
    public void Quiet_leaves_results_and_one_line()
    {
        Outcome outcome = Alexnet.Run("evaluate", _model, _data, "-q");
        Assert.Equal((0, "skipped 25 images (--verbose lists all)."), (outcome.Code, outcome.ErrorLine));
        Assert.Matches(@"^images  6\nloss    \d\.\d{4}\ntop-1   .*\ntop-5   .*\n$", outcome.Output);
    }

    [Fact]
    public void Training_skips_whatever_cannot_be_read_and_is_quiet_if_asked()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes a pipe.");
        File.CreateSymbolicLink(Path.Combine(_data, "dark", "dangling.png"), "nowhere");
        Directory.CreateSymbolicLink(Path.Combine(_data, "everything"), ".");
        using (System.Diagnostics.Process pipe = Alexnet.StartFile("mkfifo", Path.Combine(_data, "light", "pipe.png")))
        {
            pipe.WaitForExit();
        }
        Outcome outcome = Alexnet.Run([
            "train",
            _data,
            "--epochs",
            "1",
            "--batch",
            "4",
            "--keep",
            "0",
            "--output",
            _folder["run"],
            "--quiet",
        ]);
        Assert.Equal((0, "skipped 28 images (--verbose lists all)."), (outcome.Code, outcome.ErrorLine));
        Assert.Matches(
            @"^\ntest images    \d+\n(test .*\n)+(baselines .*\n)?time .*\nrun folder .*\n(warning .*\n)?$",
            outcome.Output
        );
        System.Text.Json.Nodes.JsonNode run = System.Text.Json.Nodes.JsonNode.Parse(
            File.ReadAllText(Path.Combine(_folder["run"], "run.json"))
        )!;
        Assert.Equal(2, run["data"]!["classes"]!.AsArray().Count);
    }

    private static string[] Lines(Outcome outcome) => outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
