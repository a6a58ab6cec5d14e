using System.Globalization;

namespace Lamina.Bench;

/// <summary>The middle and the ends of some measurements.</summary>
internal readonly record struct Spread(double Median, double Lowest, double Highest)
{
    /// <summary>Of at least one value; between the middle two of an even number lies the median.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>Of the quotients of what was measured in the same rounds, which lie close together in time.</summary>
    public static Spread OfRatios(IEnumerable<double> numerators, IEnumerable<double> denominators) =>
        Of(numerators.Zip(denominators, (n, d) => n / d));

    public string ToText(string format, double scale = 1)
    {
        string median = Number(Median);
        (string lowest, string highest) = (Number(Lowest), Number(Highest));
        return lowest == highest ? median : $"{median} ({lowest}–{highest})";

        string Number(double value) => (value * scale).ToString(format, CultureInfo.InvariantCulture);
    }
}
