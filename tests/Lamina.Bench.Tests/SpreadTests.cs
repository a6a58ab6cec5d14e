namespace Lamina.Bench.Tests;

public class SpreadTests
{
    [Fact]
    public void OfAnOddNumberTheMedianIsTheMiddleOne() => Assert.Equal(new Spread(3, 1, 9), Spread.Of([9, 1, 3]));

    [Fact]
    public void OfAnEvenNumberTheMedianLiesBetweenTheMiddleTwo() =>
        Assert.Equal(new Spread(2.5, 1, 100), Spread.Of([100, 2, 1, 3]));

    [Fact]
    public void ARatioIsTheMedianOfTheRoundsNotTheRatioOfMedians()
    {
        // Twice as fast in each round, while the machine's speed changed tenfold.
        Assert.Equal(new Spread(2, 2, 2), Spread.OfRatios([2, 20, 6], [1, 10, 3]));
        // Medians 3 and 1; the rounds' own ratios are 1, 3 and 10.
        Assert.Equal(new Spread(3, 1, 10), Spread.OfRatios([1, 3, 10], [1, 1, 1]));
        Assert.Equal(new Spread(1, 0.1, 3), Spread.OfRatios([3, 1, 10], [1, 10, 10]));
    }

    [Theory]
    [InlineData(1, 1, 1, "1.0")]
    [InlineData(2.04, 1.96, 2.04, "2.0")]
    [InlineData(2, 1.5, 1234.56, "2.0 (1.5–1234.6)")]
    public void TextHasTheEndsWhereTheyDiffer(double median, double lowest, double highest, string text) =>
        Assert.Equal(text, new Spread(median, lowest, highest).ToText("0.0"));
}
