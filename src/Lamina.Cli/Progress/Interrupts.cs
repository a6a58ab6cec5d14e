using System.Runtime.InteropServices;

namespace Lamina.Cli;

/// <summary>
/// Ctrl-C, termination and the terminal's end, once, as a request to end after the step at hand. A second one ends the
/// process at once, also while it saves: files are written beside those they replace, so nothing that was saved is lost.
/// Under <c>nohup</c>, which ignores the terminal's end, the runtime leaves it ignored.
/// </summary>
internal sealed partial class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly Action _onAsked;
    private readonly bool _isInteractive;
    private PosixSignalRegistration[] _registrations = [];
    private int _asked;

    /// <summary>Creates the request; signals are listened to from <see cref="Listen"/> on.</summary>
    /// <param name="asked">Called at the first request, on a thread of the runtime.</param>
    /// <param name="terminal">Another that may ask to end, and whose screen is to be left in order.</param>
    public Interrupts(Action asked, Terminal terminal)
    {
        (_onAsked, _isInteractive) = (asked, terminal.IsInteractive);
        _source = CancellationTokenSource.CreateLinkedTokenSource(terminal.Interrupt);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Listens from now on.</summary>
    public void Listen() =>
        _registrations = [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(signal, OnSignal)
            ),
        ];

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref _asked, 1) == 1)
        {
            EndNow();
        }
        _onAsked();
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has just come to its end.
        }
    }

    /// <summary>Ends without waiting for anything, least of all for a thread inside libtorch.</summary>
    private void EndNow()
    {
        if (_isInteractive)
        {
            // The live line hides the cursor.
            try
            {
                using Stream screen = Console.OpenStandardOutput();
                screen.Write("\e[?25h\n"u8);
            }
            catch (IOException)
            {
                // There is no screen any more.
            }
        }
        if (!OperatingSystem.IsWindows())
        {
            Exit(ExitCode.Interrupted);
        }
        Environment.Exit(ExitCode.Interrupted);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Exit(int status);
}
