namespace Lamina;

/// <summary>The exception for unusable data on disk: a folder, an image, an IDX file.</summary>
/// <remarks>The message is one line: the place, then the problem.</remarks>
public sealed class DataException : LaminaException
{
    /// <summary>Creates the error.</summary>
    /// <param name="path">The file or folder, or another name for the place.</param>
    /// <param name="reason">The problem, and what to do about it.</param>
    /// <param name="innerException">The error that caused it, if any.</param>
    public DataException(string path, string reason, Exception? innerException = null)
        : base($"{path}: {reason}", innerException!) => (Path, Reason) = (path, reason);

    /// <summary>The file or folder that cannot be used.</summary>
    public string Path { get; }

    /// <summary>The problem.</summary>
    public string Reason { get; }
}
