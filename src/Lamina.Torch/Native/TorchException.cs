namespace Lamina;

/// <summary>
/// The error if libtorch cannot be loaded, or one of its functions fails. The message says what was tried and what to
/// do.
/// </summary>
public sealed class TorchException : LaminaException
{
    /// <summary>Creates the error with its one-line message.</summary>
    public TorchException(string message)
        : base(message) { }

    /// <summary>Creates the error with its one-line message and the error that caused it.</summary>
    public TorchException(string message, Exception innerException)
        : base(message, innerException) { }
}
