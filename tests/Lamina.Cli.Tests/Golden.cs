using System.Globalization;
using System.Text.RegularExpressions;

namespace Lamina.Cli.Tests;

/// <summary>Texts that a person sees, kept in files.</summary>
internal static partial class Golden
{
    /// <summary>
    /// Compares; with LAMINA_GOLDENS naming the folder of goldens it writes what it got there, for review, and fails.
    /// </summary>
    public static void Equal(string name, string actual)
    {
        if (Environment.GetEnvironmentVariable("LAMINA_GOLDENS") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, name), actual);
            Assert.Fail($"{name} was written; review it, and run again without LAMINA_GOLDENS.");
        }
        string expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name));
        Assert.Equal(expected, actual);
    }

    /// <summary>Compares as <see cref="AssertNear"/> does.</summary>
    public static void Near(string name, string actual, double share = 0.02) => AssertNear(Read(name), actual, share);

    /// <summary>
    /// Compares texts whose numbers may differ by a share: the memory of a step depends on the algorithms that the processor's
    /// vectors allow.
    /// </summary>
    public static void AssertNear(string expected, string actual, double share = 0.02)
    {
        Assert.Equal(Numbers().Replace(expected, "#"), Numbers().Replace(actual, "#"));
        foreach ((Match then, Match now) in Numbers().Matches(expected).Zip(Numbers().Matches(actual)))
        {
            double a = double.Parse(then.Value, CultureInfo.InvariantCulture);
            double b = double.Parse(now.Value, CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(a - b) <= share * Math.Max(a, b), $"{now.Value} instead of {then.Value}");
        }
    }

    // With the spaces before it, so that a number of another length moves no column.
    [GeneratedRegex(@" *\d[\d,]*(\.\d+)?")]
    private static partial Regex Numbers();

    /// <summary>A file beside the goldens.</summary>
    public static string Read(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name)).ReplaceLineEndings("\n");
}
