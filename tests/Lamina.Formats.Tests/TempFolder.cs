namespace Lamina.Formats.Tests;

/// <summary>A folder for one test, removed after it.</summary>
internal sealed class TempFolder : IDisposable
{
    // In memory where that is possible: thousands of small files are flushed to disk here.
    private static readonly string s_parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public string Root { get; } =
        Directory.CreateDirectory(Path.Combine(s_parent, $"lamina-formats-{Guid.NewGuid():N}")).FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string[] Names() => [.. Directory.GetFileSystemEntries(Root).Select(p => Path.GetFileName(p)!).Order()];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
