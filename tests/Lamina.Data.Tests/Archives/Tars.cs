using System.Formats.Tar;
using System.Text;
using SkiaSharp;

namespace Lamina.Data.Tests.Archives;

/// <summary>Tar archives for tests.</summary>
internal static class Tars
{
    /// <summary>Returns an archive of files.</summary>
    public static byte[] Of(params IEnumerable<(string Name, byte[] Bytes)> files) =>
        Written(writer =>
        {
            foreach ((string name, byte[] bytes) in files)
            {
                Add(writer, new PaxTarEntry(TarEntryType.RegularFile, name), bytes);
            }
        });

    /// <summary>Returns an archive of what an action writes.</summary>
    public static byte[] Written(Action<TarWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            write(writer);
        }
        return stream.ToArray();
    }

    public static void Add(TarWriter writer, TarEntry entry, byte[]? bytes = null)
    {
        if (bytes is not null)
        {
            entry.DataStream = new MemoryStream(bytes);
        }
        writer.WriteEntry(entry);
    }

    /// <summary>Returns a PNG of one color, by which it is recognized.</summary>
    public static byte[] Png(int red, int green) =>
        TempFolder.Encode(9, 7, SKEncodedImageFormat.Png, (_, _) => new SKColor((byte)red, (byte)green, 99));

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Returns the color of an image: its red and green.</summary>
    public static (int Red, int Green) ColorOf(LabeledImages images, int index)
    {
        var pixels = new PixelBuffer();
        images.Decode(index, pixels);
        return (pixels.Pixels[0], pixels.Pixels[1]);
    }
}
