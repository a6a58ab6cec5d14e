namespace Lamina.Formats.Tests;

/// <summary>A folder for one test, removed after it.</summary>
internal sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long EnoughMemory = 1 << 30;

    // In memory where there is room, which containers often lack: thousands of small files are flushed to disk here.
    private static readonly string s_parent =
        Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= EnoughMemory
            ? Memory
            : Path.GetTempPath();

    public string Root { get; } =
        Directory.CreateDirectory(Path.Combine(s_parent, $"lamina-formats-{Guid.NewGuid():N}")).FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string[] Names() => [.. Directory.GetFileSystemEntries(Root).Select(p => Path.GetFileName(p)!).Order()];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
