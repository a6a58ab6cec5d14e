using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

/// <summary>
/// Draws the pictures of a run as PNGs of double density. Files are written atomically: readers see the old file or the
/// complete new one.
/// </summary>
public static partial class RunPictures
{
    private const float CurveWidth = 1000;
    private const float CurveHeight = 400;
    private const float RateHeight = 170;

    /// <summary>
    /// Draws loss and accuracy over the epochs, for training and validation, side by side, and the learning rate below.
    /// A dotted line marks the best epoch. A few losses far above the others do not stretch the axis: they are marked at its
    /// upper end with their values.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="history">The epochs, in order; at least one. Values that are not finite leave gaps and are marked.</param>
    /// <exception cref="ArgumentException">The history is empty.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Curves(string path, IReadOnlyList<CurvePoint> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Count == 0)
        {
            throw new ArgumentException("The history has no epochs to draw.", nameof(history));
        }
        bool hasAccuracy = history.Any(p => (p.Accuracy ?? p.ValidationAccuracy) is not null);
        bool hasRate = history.Any(p => p.LearningRate is not null);
        float width = hasAccuracy ? CurveWidth : CurveWidth / 2;
        using var sketch = new Sketch(width, CurveHeight + (hasRate ? RateHeight : 0));
        BestEpoch? best = BestEpoch.Of(history);
        new CurvePanel(SKRect.Create(0, 0, CurveWidth / 2, CurveHeight), "Loss", best).Draw(
            sketch,
            [
                CurveSeries.Training(history, p => p.Loss) with
                {
                    MayLeaveAxis = true,
                },
                CurveSeries.Validation(history, p => p.ValidationLoss) with
                {
                    MayLeaveAxis = true,
                },
            ]
        );
        if (hasAccuracy)
        {
            new CurvePanel(SKRect.Create(CurveWidth / 2, 0, CurveWidth / 2, CurveHeight), "Accuracy", best).Draw(
                sketch,
                [
                    CurveSeries.Training(history, p => p.Accuracy),
                    CurveSeries.Validation(history, p => p.ValidationAccuracy),
                ]
            );
        }
        if (hasRate)
        {
            new CurvePanel(
                SKRect.Create(0, CurveHeight, width, RateHeight),
                "Learning rate",
                null,
                startsAtZero: true
            ).Draw(sketch, [CurveSeries.Rate(history)]);
        }
        sketch.Save(path);
    }
}
