namespace Lamina.Bench.Tests;

public class AgreementTests
{
    [Fact]
    public void LogitsComeBackFromTheirSoftmaxLessTheirMean()
    {
        // softmax(0, ln 2, ln 5) = 1/8, 2/8, 5/8; the logits' mean is ln 10 / 3.
        double mean = Math.Log(10) / 3;
        double[] logits = Agreement.Logits([0.125f, 0.25f, 0.625f, 0.625f, 0.25f, 0.125f], 3);
        double[] expected = [-mean, Math.Log(2) - mean, Math.Log(5) - mean];
        foreach ((double e, double l) in expected.Concat(expected.Reverse()).Zip(logits))
        {
            Assert.Equal(e, l, 6);
        }
    }

    [Fact]
    public void DistanceIsRelativeToWhatIsExpected() => Assert.Equal(0.1, Agreement.Distance([3, 4], [3.3, 4.4]), 12);

    [Fact]
    public void WhatIsNoNumberOrHasAnotherLengthIsInfinitelyFar()
    {
        Assert.Equal(double.PositiveInfinity, Agreement.Distance([1, 2], [double.NaN, 2]));
        Assert.Equal(double.PositiveInfinity, Agreement.Distance([1, 2], [1]));
    }
}
