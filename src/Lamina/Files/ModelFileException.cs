namespace Lamina;

/// <summary>
/// The error for a model or tensor file that is malformed, damaged, or does not match. The message names the file, what
/// is wrong and where.
/// </summary>
public sealed class ModelFileException : LaminaException
{
    /// <summary>Creates the error with its one-line message.</summary>
    public ModelFileException(string message)
        : base(message) { }

    /// <summary>Creates the error with its one-line message and the error that caused it.</summary>
    public ModelFileException(string message, Exception innerException)
        : base(message, innerException) { }
}
