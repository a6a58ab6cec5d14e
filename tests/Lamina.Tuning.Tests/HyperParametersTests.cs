namespace Lamina.Tuning.Tests;

/// <summary>How values are drawn.</summary>
public sealed class HyperParametersTests
{
    private const int Draws = 4000;

    [Fact]
    public void Values_are_distributed_as_they_are_declared()
    {
        HyperParameters[] draws = [.. Enumerable.Range(1, Draws).Select(i => new HyperParameters(5, i, 0))];
        double[] logs = [.. draws.Select(d => Math.Log10(d.Float("lr", 1e-4, 1e-2, sampling: "log")))];
        Assert.All(logs, l => Assert.InRange(l, -4, -2));
        // A uniform distribution of width 2: mean -3, deviation 2 / √12; the mean of 4,000 strays by 0.0091 (one deviation).
        Assert.InRange(logs.Average(), -3.04, -2.96);
        Assert.InRange(Math.Sqrt(logs.Average(l => (l + 3) * (l + 3))), 0.56, 0.595);

        double[] plain = [.. draws.Select(d => d.Float("dropout", 0, 0.5))];
        Assert.InRange(plain.Average(), 0.24, 0.26);
        Assert.InRange(plain.Max(), 0.49, 0.5);

        Dictionary<int, int> counts = draws.Select(d => d.Int("units", 3, 6)).CountBy(u => u).ToDictionary();
        Assert.Equal([3, 4, 5, 6], counts.Keys.Order());
        Assert.All(counts.Values, c => Assert.InRange(c, 850, 1150));

        int[] stepped = [.. draws.Select(d => d.Int("width", 32, 100, step: 32)).Distinct().Order()];
        Assert.Equal([32, 64, 96], stepped);
        double[] tenths = [.. draws.Select(d => d.Float("rate", 0, 0.3, step: 0.1)).Distinct().Order()];
        Assert.Equal(4, tenths.Length);
        Assert.Equal(0.3, tenths[^1], 12);

        int[] octaves = [.. draws.Select(d => d.Int("batch", 1, 1023, sampling: "log"))];
        // Ten octaves, each as probable: half of the values are below 32.
        Assert.InRange(octaves.Count(b => b < 32) / (double)Draws, 0.47, 0.53);
        Assert.InRange(draws.Count(d => d.Boolean("flip")) / (double)Draws, 0.47, 0.53);
        Assert.Equal(["a", "b"], draws.Select(d => d.Choice("name", "a", "b")).Distinct().Order());
    }

    [Fact]
    public void A_value_depends_on_seed_trial_and_name_alone()
    {
        var first = new HyperParameters(1, 2, 0);
        (double a, double b) = (first.Float("a", 0, 1), first.Float("b", 0, 1));
        var second = new HyperParameters(1, 2, 0);
        Assert.Equal((b, a), (second.Float("b", 0, 1), second.Float("a", 0, 1)));
        Assert.NotEqual(a, b);
        Assert.NotEqual(a, new HyperParameters(1, 3, 0).Float("a", 0, 1));
        Assert.NotEqual(a, new HyperParameters(2, 2, 0).Float("a", 0, 1));
        Assert.NotEqual(a, new HyperParameters(1, 2, 1).Float("a", 0, 1));
        Assert.Equal(a, first.Float("a", 0, 1));
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused()
    {
        var hp = new HyperParameters(0, 1, 0);
        Assert.Contains("no range", Error(() => hp.Float("x", 1, 1)), StringComparison.Ordinal);
        Assert.Contains("above 0", Error(() => hp.Float("x", 0, 1, sampling: "log")), StringComparison.Ordinal);
        Assert.Contains("linear or log", Error(() => hp.Float("x", 0, 1, sampling: "cubic")), StringComparison.Ordinal);
        Assert.Contains("no choices", Error(() => hp.Choice<string>("x")), StringComparison.Ordinal);
        Assert.Contains("Decimal", Error(() => hp.Choice("x", 1m)), StringComparison.Ordinal);
        _ = hp.Float("x", 0, 1);
        Assert.Contains("twice", Error(() => hp.Float("x", 0, 2)), StringComparison.Ordinal);
        var known = new HyperParameters(new Dictionary<string, object> { ["x"] = 3.0 });
        Assert.Contains("cannot be drawn", Error(() => known.Float("x", 0, 1)), StringComparison.Ordinal);
        Assert.Contains("no such value", Error(() => known.Float("y", 0, 1)), StringComparison.Ordinal);
    }

    private static string Error(Action action) => Assert.ThrowsAny<LaminaException>(action).Message;
}
