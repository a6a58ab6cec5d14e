using System.Globalization;

namespace Lamina.Cli.Tests.Resuming;

/// <summary>How often tests of random moments try: few times in a build, more often by hand.</summary>
internal static class Repetitions
{
    public static int Of(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } value
            ? int.Parse(value, CultureInfo.InvariantCulture)
            : otherwise;
}
