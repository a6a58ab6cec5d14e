namespace Lamina.Tuning.Tests;

/// <summary>The search itself, on a function whose best values are known.</summary>
public sealed class TrialSearchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hyperband_trains_the_best_of_each_rung_further()
    {
        var trainer = new QuadraticTrainer();
        TuningResult result = Search(Options("search", SearchPlan.Hyperband(81)), trainer);

        Assert.False(result.IsInterrupted);
        Assert.Equal(143, result.Trials.Count);
        // No epoch is trained twice: every call begins where the trial's last one ended.
        Assert.All(
            trainer.Calls.GroupBy(c => c.Trial),
            calls => Assert.Equal([0, .. calls.SkipLast(1).Select(c => c.To)], calls.Select(c => c.From))
        );
        Assert.Equal(SearchPlan.Hyperband(81).TotalEpochs, trainer.Calls.Sum(c => c.To - c.From));
        // In the first bracket, the 27 that went on to 3 epochs are the 27 with the smallest loss, and so on.
        double[] losses = [.. result.Trials.Where(t => t.Number <= 81).OrderBy(t => t.Number).Select(LossOf)];
        foreach ((int count, int epochs) in ((int, int)[])[(27, 3), (9, 9), (3, 27), (1, 81)])
        {
            int[] expected = [.. Enumerable.Range(1, 81).OrderBy(i => losses[i - 1]).Take(count).Order()];
            Assert.Equal(
                expected,
                trainer.Calls.Where(c => c.Trial <= 81 && c.To == epochs).Select(c => c.Trial).Order()
            );
        }
        Assert.Equal(81, result.Best!.Epochs);
        Assert.InRange(LossOf(result.Best), 0, 0.05);
        Assert.Equal(LossOf(result.Best) + (1.0 / 81), result.Best.Score!.Value, 12);
    }

    [Fact]
    public void Trials_that_are_dropped_are_discarded_but_the_best()
    {
        var trainer = new QuadraticTrainer();
        TuningResult result = Search(Options("search", SearchPlan.Hyperband(9)), trainer);
        Assert.Equal(17, result.Trials.Count);
        Assert.Equal(result.Trials.Skip(3).Select(t => t.Number).Order(), trainer.Discarded.Order());
        // A discarded trial is never trained again, as the search would begin it anew.
        Assert.Equal(trainer.Discarded.Count, trainer.Discarded.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(19)]
    public void A_search_that_is_interrupted_goes_on_to_the_same_table(int after)
    {
        TuningOptions whole = Options("whole", SearchPlan.Hyperband(9));
        string expected = Search(whole, new QuadraticTrainer(0.8)).ToString();

        TuningOptions options = Options("parts", SearchPlan.Hyperband(9));
        using var stop = new CancellationTokenSource();
        int calls = 0;
        var first = new QuadraticTrainer(0.8)
        {
            Before = () =>
            {
                if (++calls > after)
                {
                    stop.Cancel();
                }
            },
        };
        TuningResult part = TrialSearch.Run(options, first, cancellation: stop.Token);
        Assert.True(part.IsInterrupted);
        Assert.Equal(after, first.Calls.Count);

        var second = new QuadraticTrainer(0.8);
        TuningResult result = Search(options, second);
        Assert.Equal(expected, result.ToString());
        Assert.Empty(first.Calls.Select(c => (c.Trial, c.To)).Intersect(second.Calls.Select(c => (c.Trial, c.To))));
        Assert.Equal(Rows(whole.Folder), Rows(options.Folder));

        // A third start has nothing left to train.
        var third = new QuadraticTrainer(0.8);
        Assert.Equal(expected, Search(options, third).ToString());
        Assert.Empty(third.Calls);
    }

    [Fact]
    public void Failed_trials_are_counted_and_named()
    {
        TuningResult result = Search(Options("search", SearchPlan.Random(40, 2)), new QuadraticTrainer(0.5));
        Trial[] failed = [.. result.Trials.Where(t => t.Failure is not null)];
        Assert.InRange(failed.Length, 3, 20);
        Assert.All(failed, t => Assert.True((double)t.Values["x"] > 0.5));
        Assert.Equal(failed.Select(t => t.Number), result.Trials.TakeLast(failed.Length).Select(t => t.Number));
        Assert.StartsWith(
            $"{failed.Length} of 40 trials failed ({string.Join(", ", failed.Select(t => t.Number))}); trial {failed[0].Number}: val_loss is NaN after 2 epochs.",
            result.Failures,
            StringComparison.Ordinal
        );
        Assert.EndsWith("and 20 more\n", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void More_trials_extend_a_search()
    {
        TuningResult small = Search(Options("search", SearchPlan.Random(5, 2)), new QuadraticTrainer());
        var trainer = new QuadraticTrainer();
        TuningResult large = Search(Options("search", SearchPlan.Random(8, 2)), trainer);
        Assert.Equal([6, 7, 8], trainer.Calls.Select(c => c.Trial));
        Assert.Subset(large.Trials.Select(Key).ToHashSet(), small.Trials.Select(Key).ToHashSet());

        static string Key(Trial t) => $"{t.Number} {t.Values["x"]} {t.Values["y"]} {t.Score}";
    }

    [Fact]
    public void A_small_space_ends_the_search_when_all_was_tried()
    {
        List<string> messages = [];
        TuningResult result = Search(
            Options("search", SearchPlan.Random(50, 1)),
            new ChoiceTrainer(),
            new MessageObserver(messages)
        );
        Assert.Equal(6, result.Trials.Count);
        Assert.Equal(6, result.Trials.Select(t => (t.Values["a"], t.Values["b"])).Distinct().Count());
        Assert.Contains(messages, m => m.Contains("the search ends after 6 trials", StringComparison.Ordinal));
        Assert.Equal(("z", true), (result.Best!.Values["a"], result.Best.Values["b"]));
    }

    [Fact]
    public void Another_search_in_the_folder_is_refused()
    {
        _ = Search(Options("search", SearchPlan.Random(2, 2)), new QuadraticTrainer());
        TuningOptions other = Options("search", SearchPlan.Random(2, 3));
        Assert.Equal(
            $"{other.Folder}: contains a search with epochs 2, now 3. Use the same, or another folder.",
            Error(other)
        );
        Assert.Contains(
            "seed 0, now 1",
            Error(Options("search", SearchPlan.Random(2, 2)) with { Seed = 1 }),
            StringComparison.Ordinal
        );

        string journal = Path.Combine(other.Folder, "tuning.json");
        string text = File.ReadAllText(journal);
        File.WriteAllText(journal, text[..(text.Length / 2)]);
        Assert.Contains(
            "is damaged (it is not JSON from line",
            Error(Options("search", SearchPlan.Random(2, 2))),
            StringComparison.Ordinal
        );
        File.WriteAllText(journal, text.Replace("\"number\": 2", "\"number\": 3", StringComparison.Ordinal));
        Assert.Contains(
            "is damaged (trial 2 has the number 3)",
            Error(Options("search", SearchPlan.Random(2, 2))),
            StringComparison.Ordinal
        );

        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllText(Path.Combine(_folder["photos"], "cat.jpg"), "");
        Assert.Contains("is not empty", Error(Options("photos", SearchPlan.Random(2, 2))), StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_folder["photos"]));
    }

    [Fact]
    public void The_picture_is_drawn_in_light_and_dark()
    {
        TuningResult result = Search(Options("search", SearchPlan.Hyperband(9)), new QuadraticTrainer(0.8));
        result.Plot(_folder["dark.png"], isDark: true);
        byte[] light = File.ReadAllBytes(Path.Combine(result.Folder, "tuning.png"));
        byte[] dark = File.ReadAllBytes(_folder["dark.png"]);
        Assert.Equal("PNG"u8, light.AsSpan(1, 3));
        Assert.InRange(light.Length, 10_000, 1_000_000);
        Assert.NotEqual(light, dark);
    }

    private static TuningResult Search(TuningOptions options, TrialTrainer trainer, TuningObserver? observer = null) =>
        TrialSearch.Run(options, trainer, observer, TestContext.Current.CancellationToken);

    private TuningOptions Options(string name, SearchPlan plan) =>
        new()
        {
            Plan = plan,
            Folder = _folder[name],
            Objective = "val_loss",
        };

    private static string Error(TuningOptions options) =>
        Assert.ThrowsAny<LaminaException>(() => Search(options, new QuadraticTrainer())).Message;

    private static double LossOf(Trial trial) =>
        QuadraticTrainer.Loss((double)trial.Values["x"], (double)trial.Values["y"]);

    // Without the durations.
    private static string[] Rows(string folder) =>
        [
            .. File.ReadAllLines(Path.Combine(folder, "trials.csv"))
                .Select(l => string.Join(',', l.Split(',').Where((_, i) => i != 5))),
        ];

    private sealed class ChoiceTrainer : TrialTrainer
    {
        public override void Choose(HyperParameters hyperParameters)
        {
            _ = hyperParameters.Choice("a", "x", "y", "z");
            _ = hyperParameters.Boolean("b");
        }

        public override double? Train(Trial trial, int epochs, CancellationToken cancellation) =>
            -(((string)trial.Values["a"])[0] * 2) - ((bool)trial.Values["b"] ? 1 : 0);
    }

    private sealed class MessageObserver(List<string> messages) : TuningObserver
    {
        public override void OnMessage(string message) => messages.Add(message);
    }
}
