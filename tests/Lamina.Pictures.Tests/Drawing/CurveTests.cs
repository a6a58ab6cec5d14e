using Lamina.Drawing;
using SkiaSharp;

namespace Lamina.Pictures.Tests.Drawing;

/// <summary>What curves show of a history: limits of the axis, the best epoch, readable colors.</summary>
public sealed class CurveTests
{
    [Fact]
    public void A_single_spike_is_left_out_of_the_axis()
    {
        foreach (int at in (int[])[0, 3, 7])
        {
            double[] losses = [2.3, 1.9, 1.5, 1.2, 1.0, 0.8, 0.7, 0.6];
            losses[at] = 62.7;
            CurveLimits limits = LimitsOf(losses);
            Assert.True(limits.IsCut);
            Assert.InRange(limits.High, 1.9, 3.5);
            Assert.InRange(limits.Low, 0.3, 0.7);
        }
    }

    [Theory]
    // Steep at first, level, rising, one epoch, two epochs, all equal.
    [InlineData(4.6, 2.5, 1.4, 0.9, 0.7, 0.6, 0.55, 0.5)]
    [InlineData(2.3, 2.3, 2.3, 2.3, 2.3, 2.2, 2.2, 2.2)]
    [InlineData(0.5, 0.6, 0.8, 1.1, 1.6, 2.4, 3.4, 4.8)]
    [InlineData(62.7)]
    [InlineData(62.7, 2.1)]
    [InlineData(1.0, 1.0, 1.0, 1.0, 1.0)]
    public void Ordinary_losses_all_lie_within_the_axis(params double[] losses)
    {
        CurveLimits limits = LimitsOf(losses);
        Assert.False(limits.IsCut);
        Assert.True(limits.Low < losses.Min() && losses.Max() < limits.High);
    }

    [Fact]
    public void Values_that_are_not_finite_have_no_part_in_the_limits()
    {
        Assert.Equal(new CurveLimits(0, 1, false), LimitsOf([double.NaN, double.PositiveInfinity]));
        CurveLimits limits = LimitsOf([2, double.NaN, 1, double.NegativeInfinity]);
        Assert.False(limits.IsCut);
        Assert.Equal(0.92, limits.Low, 1e-12);
        Assert.Equal(2.08, limits.High, 1e-12);
    }

    [Fact]
    public void The_best_epoch_is_the_first_with_the_highest_validation_accuracy()
    {
        CurvePoint[] history =
        [
            new(1, 2, 0.9, 1.0, 0.5),
            new(2, 1, 0.9, 2.0, 0.7),
            new(3, 1, 0.9, 0.5, 0.7),
            new(4, 1, 0.9, 0.1, double.NaN),
        ];
        Assert.Equal(new BestEpoch(2, "best epoch 2: 70.0 %"), BestEpoch.Of(history));
        CurvePoint[] withoutAccuracy = [.. history.Select(p => p with { ValidationAccuracy = null })];
        Assert.Equal(new BestEpoch(4, "best epoch 4: 0.1000"), BestEpoch.Of(withoutAccuracy));
        Assert.Null(BestEpoch.Of([.. history.Select(p => new CurvePoint(p.Epoch, p.Loss, p.Accuracy))]));
        Assert.Null(BestEpoch.Of(history[..1]));
    }

    [Fact]
    public void Contrast_is_that_of_the_web_accessibility_guidelines()
    {
        Assert.Equal(21, PictureColors.Contrast(SKColors.White, SKColors.Black), 1e-9);
        // Published: the lightest grey that passes level AA on white.
        Assert.Equal(4.54, PictureColors.Contrast(SKColors.White, new SKColor(0x76, 0x76, 0x76)), 0.005);
        for (int i = 0; i <= 100; i++)
        {
            foreach (bool isDark in (ReadOnlySpan<bool>)[false, true])
            {
                SKColor cell = ShareColors.On(isDark).Of(i / 100.0);
                Assert.True(PictureColors.Contrast(PictureColors.InkOn(cell), cell) >= 3.85, $"{i} %, {isDark}");
            }
        }
    }

    private static CurveLimits LimitsOf(double[] losses) =>
        CurveLimits.Of([
            CurveSeries.Training([.. losses.Select((loss, i) => new CurvePoint(i + 1, loss))], p => p.Loss) with
            {
                MayLeaveAxis = true,
            },
        ]);
}
