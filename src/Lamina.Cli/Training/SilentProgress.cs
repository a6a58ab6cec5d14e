namespace Lamina.Cli;

/// <summary>No progress at all, where only results are wanted.</summary>
internal sealed class SilentProgress : Progress
{
    /// <inheritdoc/>
    public override void Say(string line) { }
}
