namespace Lamina;

/// <summary>A model or tensor file is malformed, damaged, or does not fit: the message names the file, what and where.</summary>
public sealed class ModelFileException : LaminaException
{
    /// <summary>Creates the error with its one-line message.</summary>
    public ModelFileException(string message)
        : base(message) { }

    /// <summary>Creates the error with its one-line message and the error that caused it.</summary>
    public ModelFileException(string message, Exception innerException)
        : base(message, innerException) { }
}
