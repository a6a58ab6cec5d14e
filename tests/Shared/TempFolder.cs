using SkiaSharp;

namespace Lamina;

/// <summary>A folder for one test, removed after it, and pictures for it.</summary>
public sealed class TempFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("lamina-test-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Two classes that any network can tell apart: light and dark noise.</summary>
    public string WriteImages(string name, int perClass)
    {
        var random = new Random(1);
        foreach ((string label, int offset) in ((string, int)[])[("dark", 0), ("light", 150)])
        {
            Directory.CreateDirectory(Path.Combine(Root, name, label));
            for (int i = 0; i < perClass; i++)
            {
                using var bitmap = new SKBitmap(20, 16);
                for (int p = 0; p < 20 * 16; p++)
                {
                    var grey = (byte)(offset + random.Next(100));
                    bitmap.SetPixel(p % 20, p / 20, new SKColor(grey, grey, grey));
                }
                using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
                File.WriteAllBytes(Path.Combine(Root, name, label, $"{i}.png"), png.ToArray());
            }
        }
        return this[name];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
