using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>
/// Reports each image or folder that cannot be read once, however many loaders and epochs meet it; of many the first ten,
/// unless <c>--verbose</c> asks for all.
/// </summary>
internal sealed class SkipReports(Terminal terminal)
{
    private const int Listed = 10;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Reports an image; for a loader to call.</summary>
    public void Add(SkippedImage skipped)
    {
        lock (_seen)
        {
            if (!_seen.Add(skipped.Name) || _seen.Count > Limit)
            {
                return;
            }
        }
        terminal.WriteError(OneLine.Of($"skipped {skipped.Name}: {skipped.Reason}"));
    }

    /// <summary>Says how many were not listed, if any.</summary>
    public void Conclude()
    {
        lock (_seen)
        {
            if (_seen.Count > Limit)
            {
                string more =
                    Limit == 0
                        ? $"skipped {_seen.Count} {(_seen.Count == 1 ? "image" : "images")}"
                        : $"… and {_seen.Count - Limit} more";
                terminal.WriteError($"{more} (--verbose lists all).");
            }
        }
    }

    private int Limit =>
        terminal.Verbosity switch
        {
            Verbosity.Verbose => int.MaxValue,
            Verbosity.Quiet => 0,
            _ => Listed,
        };
}
