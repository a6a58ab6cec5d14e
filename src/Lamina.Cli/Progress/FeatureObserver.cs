using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>Prints warnings, unreadable images, and the progress of images.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="isSilent"><see langword="true"/> if standard output is for JSON alone.</param>
internal sealed class FeatureObserver(Terminal terminal, bool isSilent) : CommandObserver(terminal)
{
    private readonly FeatureLine _line = new(terminal, TimeProvider.System);

    /// <inheritdoc/>
    public override void OnFeatureProgress(FeatureProgress progress)
    {
        if (!isSilent)
        {
            _line.Report(progress);
        }
    }

    /// <inheritdoc/>
    public override void OnMessage(string message)
    {
        if (!isSilent)
        {
            base.OnMessage(message);
        }
    }
}
