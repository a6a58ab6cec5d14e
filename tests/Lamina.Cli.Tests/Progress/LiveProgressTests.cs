namespace Lamina.Cli.Tests.Progress;

/// <summary>What a person sees of a training on a screen, at any width.</summary>
public sealed class LiveProgressTests
{
    private readonly ManualClock _clock = new();

    public static TheoryData<int> Widths => [.. Enumerable.Range(40, 161)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Nothing_is_left_of_earlier_lines_and_nothing_wraps(int width)
    {
        using var screen = new FakeScreen(width);
        Terminal terminal = On(screen);
        using (var progress = new LiveProgress(terminal, _clock))
        {
            Step(progress, 9, 123456, TimeSpan.FromHours(30), loss: 12345.678);
            Step(progress, 10, 8, TimeSpan.FromSeconds(5), loss: 0.1);
            BatchLog log = Log(10, 8, TimeSpan.FromSeconds(5), 0.1);
            Assert.Equal([ProgressLine.Fitted(log, width - 1)], screen.Rows);

            terminal.WriteError("skipped a.jpg: is empty.");
            Assert.Equal(["alexnet: skipped a.jpg: is empty.", ProgressLine.Fitted(log, width - 1)], screen.Rows);

            progress.OnEpochEnd(Epoch());
            Assert.Equal(ProgressLine.Fitted(Epoch(), width - 1), screen.Rows[1]);
            Assert.Equal(ProgressLine.Fitted(log, width - 1), screen.Rows[2]);
        }
        terminal.Output.WriteLine("done");
        Assert.Equal(
            ["alexnet: skipped a.jpg: is empty.", ProgressLine.Fitted(Epoch(), width - 1), "done", ""],
            screen.Rows
        );
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void What_matters_most_is_shown_whole(int width)
    {
        string step = ProgressLine.Fitted(Log(1079, 1234, TimeSpan.FromHours(3), 2.3456), width - 1);
        string epoch = ProgressLine.Fitted(Epoch(), width - 1);
        Assert.True(step.Length < width && epoch.Length < width);
        Assert.StartsWith(width > 100 ? "epoch 3/12  step 1079/1080" : "", step, StringComparison.Ordinal);
        Assert.Contains("1079/1080", step, StringComparison.Ordinal);
        Assert.Contains("loss 2.3456", step, StringComparison.Ordinal);
        Assert.Matches("val acc(uracy)? 0.4321", epoch);
        if (width >= 45)
        {
            Assert.Matches("acc(uracy)? 0.8000", step);
        }
        if (width >= 60)
        {
            Assert.Contains("3:00:00 left", step, StringComparison.Ordinal);
            Assert.Contains("val loss 0.5000", epoch, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_window_may_be_made_wider_and_narrower()
    {
        using var screen = new FakeScreen(120);
        Terminal terminal = On(screen);
        using var progress = new LiveProgress(terminal, _clock);
        foreach (int width in (int[])[60, 200, 41, 80])
        {
            terminal.Say("-");
            screen.Width = width;
            Step(progress, 7, 100, TimeSpan.FromMinutes(2), 1);
            BatchLog log = Log(7, 100, TimeSpan.FromMinutes(2), 1);
            Assert.Equal(ProgressLine.Fitted(log, width - 1), screen.Rows[^1]);
        }
    }

    [Fact]
    public void Wide_characters_count_twice()
    {
        using var screen = new FakeScreen(20);
        Terminal terminal = On(screen);
        terminal.ShowLive("猫の写真を読んでいます、一枚ずつ");
        Assert.Equal(["猫の写真を読んでい"], screen.Rows);
        terminal.ShowLive("short");
        Assert.Equal(["short"], screen.Rows);
    }

    [Fact]
    public void A_screen_without_a_size_is_taken_for_80_columns()
    {
        using var screen = new FakeScreen(80);
        foreach (Func<int> width in (Func<int>[])[() => 0, () => -1, () => throw new IOException("no screen")])
        {
            Assert.Equal(79, new Terminal(screen, TextWriter.Null, true, width: width).Width);
        }
    }

    private static Terminal On(FakeScreen screen) =>
        new(screen, screen, isInteractive: true, width: () => screen.Width);

    private void Step(LiveProgress progress, int batch, double rate, TimeSpan left, double loss)
    {
        _clock.Now += TimeSpan.TicksPerSecond;
        progress.OnTrainBatchEnd(Log(batch, rate, left, loss));
    }

    private static BatchLog Log(int batch, double rate, TimeSpan left, double loss) =>
        new(
            2,
            12,
            batch,
            1080,
            1280,
            rate,
            left,
            new Dictionary<string, double> { ["loss"] = loss, ["accuracy"] = 0.8 }
        );

    private static EpochLog Epoch() =>
        new(
            2,
            12,
            TimeSpan.FromSeconds(16.2),
            308,
            new Dictionary<string, double>
            {
                ["loss"] = 0.1282,
                ["accuracy"] = 0.9,
                ["val_loss"] = 0.5,
                ["val_accuracy"] = 0.4321,
            }
        );

    private sealed class ManualClock : TimeProvider
    {
        public long Now { get; set; } = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
