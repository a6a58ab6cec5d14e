namespace Lamina.Cli;

/// <summary>Tells a person how a training goes.</summary>
internal abstract class Progress : Callback
{
    /// <summary>Writes a line of its own.</summary>
    public abstract void Say(string line);
}
