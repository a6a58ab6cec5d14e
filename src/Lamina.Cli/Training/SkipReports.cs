namespace Lamina.Cli;

/// <summary>Reports each image that cannot be read once, however many loaders and epochs meet it.</summary>
internal sealed class SkipReports
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>A loader's reporter to a terminal.</summary>
    public Action<SkippedImage> Add(Terminal terminal) =>
        skipped =>
        {
            lock (_seen)
            {
                if (!_seen.Add(skipped.Name))
                {
                    return;
                }
            }
            terminal.WriteError(ErrorLine.OneLine($"skipped {skipped.Name}: {skipped.Reason}"));
        };
}
