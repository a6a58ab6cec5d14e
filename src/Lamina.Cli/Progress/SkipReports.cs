using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>
/// Reports each unreadable image or folder once, regardless of the number of loaders and epochs: the first ten, or all with
/// <c>--verbose</c>.
/// </summary>
internal sealed class SkipReports(Terminal terminal)
{
    private const int Listed = 10;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Reports an image.</summary>
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

    /// <summary>Prints the number of images that were not listed, if any.</summary>
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
