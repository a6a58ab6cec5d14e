namespace Lamina.Tuning.Tests;

/// <summary>Brackets against the published ones.</summary>
public sealed class SearchPlanTests
{
    /// <summary>Table 1 of Li et al., JMLR 18 (2018): R = 81, η = 3.</summary>
    [Fact]
    public void Hyperbands_brackets_are_those_of_the_paper()
    {
        (int, int)[][] expected =
        [
            [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
            [(34, 3), (11, 9), (3, 27), (1, 81)],
            [(15, 9), (5, 27), (1, 81)],
            [(8, 27), (2, 81)],
            [(5, 81)],
        ];
        var plan = SearchPlan.Hyperband(81);
        Assert.Equal(expected, plan.Brackets.Select(b => b.Select(r => (r.Trials, r.Epochs)).ToArray()));
        Assert.Equal((143, 81, "hyperband"), (plan.Trials, plan.Epochs, plan.Name));
    }

    [Theory]
    [InlineData(1, 3, "1@1")]
    [InlineData(2, 3, "1@2")]
    [InlineData(9, 3, "9@1 3@3 1@9 | 5@3 1@9 | 3@9")]
    [InlineData(10, 3, "9@1 3@3 1@10 | 5@3 1@10 | 3@10")]
    [InlineData(4, 2, "4@1 2@2 1@4 | 3@2 1@4 | 3@4")]
    [InlineData(5, 2, "4@1 2@2 1@5 | 3@2 1@5 | 3@5")]
    public void Brackets_of_other_lengths_follow_the_same_rule(int epochs, int eta, string expected) =>
        Assert.Equal(expected, Text(SearchPlan.Hyperband(epochs, eta)));

    [Theory]
    [InlineData(1, "1@1 1@3 1@9")]
    [InlineData(12, "9@1 3@3 1@9 | 3@3 1@9")]
    [InlineData(17, "9@1 3@3 1@9 | 5@3 1@9 | 3@9")]
    [InlineData(20, "9@1 3@3 1@9 | 5@3 1@9 | 3@9 | 3@1 1@3 1@9")]
    public void The_number_of_trials_cuts_or_repeats_brackets(int trials, string expected)
    {
        var plan = SearchPlan.Hyperband(9, trials: trials);
        Assert.Equal(expected, Text(plan));
        Assert.Equal(trials, plan.Trials);
    }

    [Fact]
    public void Random_and_halving_are_one_bracket()
    {
        Assert.Equal("7@4", Text(SearchPlan.Random(7, 4)));
        Assert.Equal("16@2 8@4 4@8 2@16", Text(SearchPlan.SuccessiveHalving(16, 2, 16, eta: 2)));
        // 16 × 2 + 8 × 2 + 4 × 4 + 2 × 8: trials are trained further, not again.
        Assert.Equal(80, SearchPlan.SuccessiveHalving(16, 2, 16, eta: 2).TotalEpochs);
    }

    [Fact]
    public void Rungs_out_of_order_are_refused()
    {
        Assert.Throws<ConfigException>(() =>
            new SearchPlan(
                "own",
                [
                    [new Rung(3, 2), new Rung(4, 4)],
                ]
            )
        );
        Assert.Throws<ConfigException>(() =>
            new SearchPlan(
                "own",
                [
                    [new Rung(3, 2), new Rung(1, 2)],
                ]
            )
        );
        Assert.Throws<ConfigException>(() =>
            new SearchPlan(
                "own",
                [
                    [new Rung(0, 2)],
                ]
            )
        );
        Assert.Throws<ConfigException>(() =>
            new SearchPlan(
                "own",
                [
                    [],
                ]
            )
        );
    }

    private static string Text(SearchPlan plan) =>
        string.Join(" | ", plan.Brackets.Select(b => string.Join(' ', b.Select(r => $"{r.Trials}@{r.Epochs}"))));
}
