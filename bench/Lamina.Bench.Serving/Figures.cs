using System.Globalization;

namespace Lamina.Bench.Serving;

/// <summary>Medians and percentiles, as text.</summary>
internal static class Figures
{
    public static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    /// <summary>Returns the median of the rounds, with the lowest and highest.</summary>
    public static string Spread(IReadOnlyCollection<double> rounds, string format) =>
        $"{Text(Median(rounds), format)} ({Text(rounds.Min(), format)} to {Text(rounds.Max(), format)})";

    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
