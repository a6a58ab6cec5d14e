using System.Globalization;

namespace Lamina.Cli;

/// <summary>Names folders of searches.</summary>
internal static class TuneFolder
{
    /// <summary>Returns a folder under <c>runs</c> that does not exist yet.</summary>
    public static string New(string model, DateTimeOffset now)
    {
        string stamp = now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string path = Path.Combine("runs", $"tune-{model}-{stamp}");
        string candidate = path;
        for (int i = 2; Path.Exists(candidate); i++)
        {
            candidate = string.Create(CultureInfo.InvariantCulture, $"{path}-{i}");
        }
        return candidate;
    }
}
