namespace Lamina;

/// <summary>The position in a pickle.</summary>
/// <param name="file">The file's name in errors.</param>
internal sealed class PickleCursor(string file)
{
    /// <summary>The file's name in errors.</summary>
    public string File => file;

    /// <summary>The number of bytes that have been read.</summary>
    public int Position { get; set; }

    /// <summary>Creates an error at this position.</summary>
    public ModelFileException Error(string what) =>
        new($"{file}: its pickle {what} (byte {Position}). Use another copy of the file.");
}
