using SkiaSharp;

namespace Lamina.Pictures.Tests;

/// <summary>A folder that is removed with its files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lamina-pictures-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Decodes a picture, having checked that it is the only file.</summary>
    public SKBitmap Only(string name)
    {
        Assert.Equal([name], _folder.GetFiles().Select(f => f.Name));
        return SKBitmap.Decode(this[name]) ?? throw new InvalidOperationException($"{name} is no picture.");
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
