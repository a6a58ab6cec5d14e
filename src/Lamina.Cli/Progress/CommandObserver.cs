using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Prints warnings, and each unreadable image once.</summary>
internal class CommandObserver(Terminal terminal) : RunObserver
{
    private readonly SkipReports _skips = new(terminal);

    /// <inheritdoc/>
    public override void OnSkipped(SkippedImage image) => _skips.Add(image);

    /// <inheritdoc/>
    public override void OnWarning(string message) => terminal.WriteError(OneLine.Of(message));

    /// <inheritdoc/>
    public override void OnMessage(string message) => terminal.Say(message);

    /// <summary>Prints the number of further skipped images, if any.</summary>
    public void Conclude() => _skips.Conclude();
}
