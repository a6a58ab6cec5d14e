using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The amount that a command prints.</summary>
internal enum Verbosity
{
    /// <summary>Results and progress.</summary>
    Normal,

    /// <summary>Results and errors alone.</summary>
    Quiet,

    /// <summary>Also settings, libraries, and every skipped image.</summary>
    Verbose,
}

/// <summary>The streams that a command reads and writes, and the screen if there is one.</summary>
/// <param name="output">Results and progress.</param>
/// <param name="error">Errors and warnings, a line each.</param>
/// <param name="isInteractive">Whether the output is a screen that can be redrawn.</param>
/// <param name="width">Returns the screen's columns at the moment; 80 by default.</param>
/// <param name="input">Opens the standard input; returns null if nothing is piped in.</param>
/// <param name="interrupt">Asks a training to end after its step, as Ctrl-C does.</param>
internal sealed class Terminal(
    TextWriter output,
    TextWriter error,
    bool isInteractive = false,
    Func<int>? width = null,
    Func<Stream?>? input = null,
    CancellationToken interrupt = default
)
{
    // The loader reports skipped images from wherever batches are asked for, while progress is written.
    private readonly Lock _lock = new();
    private readonly LiveLine _live = new(output, width ?? (() => LiveLine.UsualWidth));

    public TextWriter Output => output;

    public TextWriter Error => error;

    public bool IsInteractive => isInteractive;

    public CancellationToken Interrupt => interrupt;

    /// <summary>The amount that is printed; set by the command's options.</summary>
    public Verbosity Verbosity { get; set; }

    /// <summary>The columns that a line may fill.</summary>
    public int Width => _live.Width;

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
            !Console.IsOutputRedirected && CanRedraw,
            width: () => Console.WindowWidth,
            input: () => Console.IsInputRedirected ? Console.OpenStandardInput() : null
        );
    }

    /// <summary>Opens the standard input; null if it is a terminal.</summary>
    public Stream? OpenInput() => input?.Invoke();

    /// <summary>Shows a line that is replaced by the next; an empty one removes it.</summary>
    public void ShowLive(string text)
    {
        lock (_lock)
        {
            _live.Show(text);
        }
    }

    /// <summary>Writes a line of progress or description, above the live one; nothing if only results are wanted.</summary>
    public void Say(string line)
    {
        if (Verbosity == Verbosity.Quiet)
        {
            return;
        }
        lock (_lock)
        {
            _live.WriteAbove(output, line);
        }
    }

    /// <summary>Writes a line that only <c>--verbose</c> asks for, to the error output: the other may be read by a program.</summary>
    public void Detail(string line)
    {
        if (Verbosity == Verbosity.Verbose)
        {
            lock (_lock)
            {
                _live.WriteAbove(error, OneLine.Of(line));
            }
        }
    }

    /// <summary>Writes a line about an error or warning, and flushes it.</summary>
    public void WriteError(string line)
    {
        lock (_lock)
        {
            _live.WriteAbove(error, $"alexnet: {line}");
        }
    }

    // Windows sets no TERM. Elsewhere a terminal without a name is one that nothing is known of.
    private static bool CanRedraw =>
        Environment.GetEnvironmentVariable("TERM") switch
        {
            "dumb" => false,
            null or "" => OperatingSystem.IsWindows(),
            _ => true,
        };
}
