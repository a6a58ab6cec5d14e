using System.IO.Compression;
using SkiaSharp;

namespace Lamina.Data.Tests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lamina-data-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Writes a file at a relative path, with the folders that it needs.</summary>
    public string Write(string relative, byte[] bytes)
    {
        string path = System.IO.Path.Combine(Path, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Class folders of flat images, each of its own colour so that it can be recognised in a batch.</summary>
    public void WriteClasses(int classes, int perClass)
    {
        for (int c = 0; c < classes; c++)
        {
            for (int i = 0; i < perClass; i++)
            {
                var colour = new SKColor((byte)(20 + (c * 60)), (byte)(i * 7), 99);
                Write($"class{c}/{i:D3}.png", Encode(9, 7, SKEncodedImageFormat.Png, (_, _) => colour));
            }
        }
    }

    public static byte[] Encode(int width, int height, SKEncodedImageFormat format, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, colour(x, y));
            }
        }
        using SKData data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }
        return target.ToArray();
    }

    /// <summary>The repository's shipped data.</summary>
    public static string FashionMnist
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(System.IO.Path.Combine(folder, "Lamina.slnx")))
            {
                folder = System.IO.Path.GetDirectoryName(folder)!;
            }
            return System.IO.Path.Combine(folder, "data", "fashion-mnist");
        }
    }
}
