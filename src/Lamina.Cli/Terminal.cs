namespace Lamina.Cli;

/// <summary>Where a command writes, and who is watching.</summary>
/// <param name="output">Results and progress.</param>
/// <param name="error">Errors and warnings, a line each.</param>
/// <param name="isInteractive">Whether the output is a screen that can be redrawn.</param>
/// <param name="interrupt">Asks a training to end after its step, as Ctrl-C does.</param>
internal sealed class Terminal(
    TextWriter output,
    TextWriter error,
    bool isInteractive = false,
    CancellationToken interrupt = default
)
{
    // The loader reports skipped images from wherever batches are asked for, while progress is written.
    private readonly Lock _lock = new();

    public TextWriter Output => output;

    public TextWriter Error => error;

    public bool IsInteractive => isInteractive;

    public CancellationToken Interrupt => interrupt;

    /// <summary>The process's own.</summary>
    public static Terminal OfProcess()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.SetOut(new ScreenWriter(Console.Out));
        }
        if (!Console.IsErrorRedirected)
        {
            Console.SetError(new ScreenWriter(Console.Error));
        }
        return new(
            Console.Out,
            Console.Error,
            !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb"
        );
    }

    /// <summary>Writes a line about an error or warning, and flushes it.</summary>
    public void WriteError(string line)
    {
        lock (_lock)
        {
            error.WriteLine($"alexnet: {line}");
            error.Flush();
        }
    }
}
