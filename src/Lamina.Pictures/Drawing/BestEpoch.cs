using System.Globalization;

namespace Lamina.Drawing;

/// <summary>The epoch with the best validation.</summary>
/// <param name="Epoch">The epoch, from 1; the first of equals.</param>
/// <param name="Text">The description for a legend.</param>
internal sealed record BestEpoch(int Epoch, string Text)
{
    /// <summary>
    /// Returns the epoch with the highest validation accuracy, or else the lowest validation loss;
    /// <see langword="null"/> without validation, or if there is only one epoch.
    /// </summary>
    public static BestEpoch? Of(IReadOnlyList<CurvePoint> history)
    {
        if (history.Count < 2)
        {
            return null;
        }
        if (history.Where(p => IsFinite(p.ValidationAccuracy)).MaxBy(p => p.ValidationAccuracy) is { } highest)
        {
            return new(
                highest.Epoch,
                Invariant($"best epoch {highest.Epoch}: {100 * highest.ValidationAccuracy:0.0} %")
            );
        }
        return history.Where(p => IsFinite(p.ValidationLoss)).MinBy(p => p.ValidationLoss) is { } lowest
            ? new(lowest.Epoch, Invariant($"best epoch {lowest.Epoch}: {lowest.ValidationLoss:0.0000}"))
            : null;
    }

    private static bool IsFinite(double? value) => value is { } v && double.IsFinite(v);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
