using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary><c>alexnet tune</c>: what it prints and leaves, interrupted and killed too.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tune --trials 0", "--trials: '0' is not a whole number from 1 to 100000. See: alexnet tune --help")]
    [InlineData("tune --search bayes", "--search: 'bayes' is not one of random, hyperband. See: alexnet tune --help")]
    [InlineData(
        "tune --vary lr=1..2 --space x.json",
        "--vary and --space exclude each other. Use one of them. See: alexnet tune --help"
    )]
    [InlineData(
        "tune --pretrained resnet18",
        "'--pretrained' is not an option of 'alexnet tune'. See: alexnet tune --help"
    )]
    [InlineData("tune --weights net.pth", "'--weights' is not an option of 'alexnet tune'. See: alexnet tune --help")]
    [InlineData("tune --vary", "--vary: a value is missing (SPEC). See: alexnet tune --help")]
    [InlineData(
        "tune --objective loss",
        "--objective: 'loss' is not one of val_accuracy, val_loss. See: alexnet tune --help"
    )]
    public void Wrong_usage_is_one_line(string args, string expected)
    {
        Outcome outcome = Alexnet.Run(args.Split(' '));
        Assert.Equal((2, "", expected), (outcome.Code, outcome.Output, outcome.ErrorLine));
    }

    [Theory]
    [InlineData("--space nowhere.json", "--space: 'nowhere.json' is not an existing file.")]
    [InlineData("--vary lr", "'lr' is not a hyperparameter. Use NAME=LOW..HIGH")]
    [InlineData("--vary lr=1..2 lr=2..3", "lr: is listed twice. Remove one.")]
    [InlineData("--vary leraning=1..2", "leraning=1: the recipe: ")]
    public void Spaces_that_cannot_be_searched_are_one_line(string args, string expected)
    {
        Outcome outcome = Alexnet.Run(["tune", "--output", _folder["search"], .. args.Split(' ')]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith(expected, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["search"]));
    }

    [Fact]
    public void A_search_that_cannot_begin_leaves_nothing()
    {
        string output = Path.Combine(_folder["searches"], "first");
        Outcome outcome = Alexnet.Run(["tune", _folder["nowhere"], "--output", output]);
        Assert.Equal((1, ""), (outcome.Code, outcome.Output.Split('\n')[^1]));
        Assert.StartsWith(_folder["nowhere"], outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["searches"]));

        // Nor in a folder that was there, which the right command can then use.
        Directory.CreateDirectory(output);
        Assert.Equal(1, Alexnet.Run(["tune", _folder["nowhere"], "--output", output]).Code);
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(output),
            e => !e.EndsWith("lock", StringComparison.Ordinal)
        );
        string data = _folder.WriteImages("data", perClass: 15);
        Assert.Equal(0, Alexnet.Run([.. Arguments(data, "searches/first", "--vary", "lr=1e-4|1e-3")]).Code);
    }

    [Fact]
    public void A_search_leaves_a_table_a_picture_and_a_run()
    {
        string data = _folder.WriteImages("data", perClass: 15);
        Outcome outcome = Alexnet.Run(Arguments(data, "search", "--vary", "lr=1e-5..1e-2:log", "batch=8|16"));
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Output.Split('\n');
        Assert.Equal("search random, 3 trials of 1 epoch, by val_accuracy, seed 0", lines[0]);
        Assert.Equal("vary   lr 1e-5..0.01 log, batch 8|16", lines[1]);
        Assert.Equal(
            3,
            lines.Count(l =>
                l.StartsWith("trial ", StringComparison.Ordinal) && l.Contains("/3  lr ", StringComparison.Ordinal)
            )
        );
        string best = lines.Single(l => l.StartsWith("best run", StringComparison.Ordinal))["best run       ".Length..];
        Assert.Equal(
            (4, true),
            (
                File.ReadAllLines(Path.Combine(_folder["search"], "trials.csv")).Length,
                File.Exists(Path.Combine(_folder["search"], "tuning.png"))
            )
        );
        outcome = Alexnet.Run("evaluate", best);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
    }

    [Fact]
    public void A_search_whose_trials_all_fail_says_so()
    {
        string data = _folder.WriteImages("data", perClass: 15);
        Outcome outcome = Alexnet.Run(Arguments(data, "search", "--optimizer", "sgd", "--vary", "lr=1e20..1e30:log"));
        Assert.Equal(1, outcome.Code);
        Assert.Contains("all 3 trials failed.", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("3 of 3 trials failed (1, 2, 3); trial 1: ", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("KILL")]
    public void A_search_that_is_stopped_goes_on_to_the_same_table(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends POSIX signals, and resets them as Linux's env does.");
        string data = _folder.WriteImages("data", perClass: 15);
        string[] more = ["--search", "hyperband", "--epochs", "3", "--vary", "lr=1e-5..1e-2:log"];
        Assert.Equal(0, Alexnet.Run(Arguments(data, "whole", more)).Code);
        string[] parts = Arguments(data, "parts", more);
        using (Process process = Alexnet.Start(parts))
        {
            // In the second trial.
            string run = Path.Combine(_folder["parts"], "trial-002", "run.json");
            SpinWait.SpinUntil(() => process.HasExited || File.Exists(run), 120_000);
            Alexnet.Signal(process, signal);
            Outcome outcome = Alexnet.Finish(process);
            Assert.Equal(signal == "INT" ? 130 : 137, outcome.Code);
            if (signal == "INT")
            {
                Assert.Contains("Interrupted after 1 of 3 trials.", outcome.Output, StringComparison.Ordinal);
                Assert.Contains("Go on with:  alexnet tune ", outcome.Output, StringComparison.Ordinal);
            }
        }
        Outcome end = Alexnet.Run(parts);
        Assert.Equal((0, ""), (end.Code, end.Error));
        Assert.Contains("going on after ", end.Output, StringComparison.Ordinal);
        Assert.Equal(Rows("whole"), Rows("parts"));
        Assert.Equal("finished", Status(end, "parts"));
    }

    private string[] Arguments(string data, string search, params string[] more) =>
        [
            "tune",
            data,
            "--trials",
            "3",
            "--input",
            "32",
            "--threads",
            "1",
            "--output",
            _folder[search],
            .. more.Contains("--epochs") ? more : ["--epochs", "1", .. more],
        ];

    // Without the durations.
    private string[] Rows(string search) =>
        [
            .. File.ReadAllLines(Path.Combine(_folder[search], "trials.csv"))
                .Select(l => string.Join(',', l.Split(',').Where((_, i) => i != 4))),
        ];

    private string? Status(Outcome outcome, string search)
    {
        string best = outcome.Output.Split('\n').Single(l => l.StartsWith("best run", StringComparison.Ordinal));
        Assert.Contains(_folder[search], best, StringComparison.Ordinal);
        return (string?)
            JsonNode.Parse(File.ReadAllText(Path.Combine(best["best run       ".Length..], "run.json")))!["status"];
    }
}
