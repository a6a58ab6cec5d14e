using System.Globalization;

namespace Lamina.Runs.Text;

/// <summary>Formats numbers for people.</summary>
internal static class Words
{
    /// <summary>Returns a fraction, 0 to 1, as a percentage with two decimals.</summary>
    public static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %";

    /// <summary>Returns a time as <c>m:ss</c>, or <c>h:mm:ss</c>.</summary>
    public static string Clock(TimeSpan time)
    {
        var rounded = TimeSpan.FromSeconds(Math.Max(0, Math.Round(time.TotalSeconds)));
        return rounded.ToString(rounded.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
    }
}
