namespace Lamina;

/// <summary>Data on disk cannot be used: a folder, an image, an IDX file. The message is one line: where, then what.</summary>
public sealed class DataException : LaminaException
{
    /// <summary>Creates the error.</summary>
    /// <param name="path">The file or folder, or another name of the place.</param>
    /// <param name="reason">What is wrong there, and what to do.</param>
    /// <param name="innerException">The error that caused it, if any.</param>
    public DataException(string path, string reason, Exception? innerException = null)
        : base($"{path}: {reason}", innerException!) => (Path, Reason) = (path, reason);

    /// <summary>The file or folder that is at fault.</summary>
    public string Path { get; }

    /// <summary>What is wrong there.</summary>
    public string Reason { get; }
}
