namespace Lamina;

/// <summary>Creates files in the system's temporary folder for data that is too large for memory.</summary>
internal static class TemporaryStream
{
    /// <summary>Creates an empty file to write, seek and read, deleted when it is closed.</summary>
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
