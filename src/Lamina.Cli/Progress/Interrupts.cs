using System.Runtime.InteropServices;

namespace Lamina.Cli;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or SIGHUP into a request to stop after the current step. A second signal ends the
/// process immediately, even while saving: files are written under temporary names, so nothing saved is lost. Under
/// <c>nohup</c>, which ignores SIGHUP, the runtime keeps ignoring it.
/// </summary>
internal sealed partial class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly Action _onAsked;
    private readonly bool _isInteractive;
    private PosixSignalRegistration[] _registrations = [];
    private int _asked;

    /// <summary>Creates the handler without listening; see <see cref="Listen"/>.</summary>
    /// <param name="asked">The callback for the first signal, on a thread of the runtime.</param>
    /// <param name="terminal">The terminal, which may also request to stop and whose screen is restored.</param>
    public Interrupts(Action asked, Terminal terminal)
    {
        (_onAsked, _isInteractive) = (asked, terminal.IsInteractive);
        _source = CancellationTokenSource.CreateLinkedTokenSource(terminal.Interrupt);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Starts listening to signals.</summary>
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
            // The run has just finished.
        }
    }

    /// <summary>Ends the process without waiting for anything, such as a thread inside libtorch.</summary>
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
                // The screen is gone.
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
