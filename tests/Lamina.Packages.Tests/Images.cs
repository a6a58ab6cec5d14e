using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Lamina.Packages.Tests;

/// <summary>Writes small images that two classes tell apart: dark ones and light ones.</summary>
internal static class Images
{
    private const int Side = 32;

    /// <summary>Writes <c>dark</c> and <c>light</c> with this many PNG files each, with different noise.</summary>
    public static void Write(string folder, int perClass)
    {
        foreach ((string name, int level) in new[] { ("dark", 40), ("light", 200) })
        {
            string one = Path.Combine(folder, name);
            Directory.CreateDirectory(one);
            for (int i = 0; i < perClass; i++)
            {
                File.WriteAllBytes(Path.Combine(one, $"{i}.png"), Png(level, new Random((level * 1000) + i)));
            }
        }
    }

    /// <summary>Returns an RGB image as a PNG file.</summary>
    private static byte[] Png(int level, Random random)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < Side; y++)
            {
                // No filter.
                zlib.WriteByte(0);
                for (int i = 0; i < 3 * Side; i++)
                {
                    zlib.WriteByte((byte)(level + random.Next(-30, 31)));
                }
            }
        }
        byte[] header = [0, 0, 0, Side, 0, 0, 0, Side, 8, 2, 0, 0, 0];
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n']);
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, pixels.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        byte[] content = [.. name, .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(content));
        file.Write(number);
    }
}
