namespace Lamina;

/// <summary>
/// The exception for data on a server that cannot be read, even after several attempts. Unlike a damaged image, which is
/// skipped, it ends the run; checkpoints are kept.
/// </summary>
/// <remarks>The message is one line: the address, then the problem.</remarks>
public sealed class ConnectionException : LaminaException
{
    /// <summary>Creates the error.</summary>
    /// <param name="address">The address without its query.</param>
    /// <param name="reason">The problem, and what to do about it.</param>
    /// <param name="innerException">The error that caused it, if any.</param>
    public ConnectionException(string address, string reason, Exception? innerException = null)
        : base($"{address}: {reason}", innerException!) => (Address, Reason) = (address, reason);

    /// <summary>The address that cannot be read.</summary>
    public string Address { get; }

    /// <summary>The problem.</summary>
    public string Reason { get; }
}
