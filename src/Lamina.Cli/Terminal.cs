using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>The amount that a command prints.</summary>
internal enum Verbosity
{
    /// <summary>Results and progress.</summary>
    Normal,

    /// <summary>Results and errors only.</summary>
    Quiet,

    /// <summary>Also settings, libraries, and every skipped image.</summary>
    Verbose,
}

/// <summary>The streams of a command, and the screen if there is one.</summary>
/// <param name="output">The writer of results and progress.</param>
/// <param name="error">The writer of errors and warnings, one per line.</param>
/// <param name="isInteractive"><see langword="true"/> if the output is a screen that can be redrawn.</param>
/// <param name="width">Returns the current columns of the screen. Default: 80.</param>
/// <param name="input">Opens standard input; returns null if nothing is piped in.</param>
/// <param name="interrupt">Requests to stop after the current step, as Ctrl-C does.</param>
internal sealed class Terminal(
    TextWriter output,
    TextWriter error,
    bool isInteractive = false,
    Func<int>? width = null,
    Func<Stream?>? input = null,
    CancellationToken interrupt = default
)
{
    // Loaders report skipped images from other threads while progress is written.
    private readonly Lock _lock = new();
    private readonly LiveLine _live = new(output, width ?? (() => LiveLine.UsualWidth));

    public TextWriter Output => output;

    public TextWriter Error => error;

    public bool IsInteractive => isInteractive;

    public CancellationToken Interrupt => interrupt;

    /// <summary>The amount to print, set by the command's options.</summary>
    public Verbosity Verbosity { get; set; }

    /// <summary>The columns that a line may fill.</summary>
    public int Width => _live.Width;

    /// <summary>Creates the terminal of the process.</summary>
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

    /// <summary>Opens standard input; returns null if it is a terminal.</summary>
    public Stream? OpenInput() => input?.Invoke();

    /// <summary>Shows the live line, which the next call replaces; an empty text removes it.</summary>
    public void ShowLive(string text)
    {
        lock (_lock)
        {
            _live.Show(text);
        }
    }

    /// <summary>Writes a line of progress above the live line, unless <c>--quiet</c> is set.</summary>
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

    /// <summary>Writes a line of <c>--verbose</c> to standard error, as standard output may be parsed by a program.</summary>
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

    /// <summary>Writes an error or warning, and flushes it.</summary>
    public void WriteError(string line)
    {
        lock (_lock)
        {
            _live.WriteAbove(error, $"alexnet: {line}");
        }
    }

    // Windows does not set TERM. Elsewhere, nothing is known about a terminal without a name.
    private static bool CanRedraw =>
        Environment.GetEnvironmentVariable("TERM") switch
        {
            "dumb" => false,
            null or "" => OperatingSystem.IsWindows(),
            _ => true,
        };
}
