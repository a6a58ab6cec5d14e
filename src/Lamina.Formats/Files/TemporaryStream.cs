namespace Lamina;

/// <summary>Bytes that are too many for memory, in a file of the system's temporary folder that goes when it is closed.</summary>
internal static class TemporaryStream
{
    /// <summary>Creates an empty one, to write, seek and read.</summary>
    public static FileStream Create() =>
        new(
            Path.Combine(Path.GetTempPath(), $"lamina-{Path.GetRandomFileName()}"),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            bufferSize: 1 << 16,
            FileOptions.DeleteOnClose
        );
}
