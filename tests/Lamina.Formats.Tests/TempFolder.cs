namespace Lamina.Formats.Tests;

/// <summary>A folder for one test, removed after it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("lamina-formats-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string[] Names() => [.. Directory.GetFileSystemEntries(Root).Select(p => Path.GetFileName(p)!).Order()];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
