using System.Runtime.InteropServices;

namespace Lamina.Cli;

/// <summary>
/// Ctrl-C and termination, once, as a request to end after the step at hand. A second one ends the process at once, as
/// if nobody listened.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on.</summary>
    /// <param name="asked">Called at the first request, on a thread of the runtime.</param>
    /// <param name="other">Another that may ask to end.</param>
    public Interrupts(Action asked, CancellationToken other)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(other);
        _registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal =>
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        if (_source.IsCancellationRequested)
                        {
                            Environment.Exit(ExitCode.Interrupted);
                        }
                        context.Cancel = true;
                        asked();
                        _source.Cancel();
                    }
                )
            ),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
        _source.Dispose();
    }
}
