using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lamina;

/// <summary>Draws the kernels of a convolution over gray or color images, side by side, as a PNG.</summary>
internal static class KernelPicture
{
    private static readonly uint[] s_crcTable = [.. Enumerable.Range(0, 256).Select(i => CrcOf((uint)i))];

    /// <summary>Returns the picture; <see langword="null"/> if the weights are not such kernels.</summary>
    /// <param name="values">The values, scaled together so that the least is black and the greatest white.</param>
    /// <param name="shape">The shape, (kh, kw, 1 or 3, filters).</param>
    public static (byte[] Png, int Height, int Width, int Channels)? Of(float[] values, Shape shape)
    {
        if (shape.Rank != 4 || shape[2] is not (1 or 3))
        {
            return null;
        }
        (int kh, int kw, int channels, int filters) = (
            shape[0]!.Value,
            shape[1]!.Value,
            shape[2]!.Value,
            shape[3]!.Value
        );
        var columns = (int)Math.Ceiling(Math.Sqrt(filters));
        int rows = (filters + columns - 1) / columns;
        // One black pixel between two kernels.
        (int height, int width) = ((rows * (kh + 1)) - 1, (columns * (kw + 1)) - 1);
        float min = values.Where(float.IsFinite).DefaultIfEmpty().Min();
        float range = values.Where(float.IsFinite).DefaultIfEmpty().Max() - min;
        var pixels = new byte[height * width * channels];
        for (int i = 0; i < values.Length; i++)
        {
            int f = i % filters;
            int c = i / filters % channels;
            int x = (i / filters / channels % kw) + (f % columns * (kw + 1));
            int y = (i / filters / channels / kw) + (f / columns * (kh + 1));
            float gray = range > 0 ? (values[i] - min) / range : 0.5f;
            pixels[(((y * width) + x) * channels) + c] = (byte)Math.Clamp(gray * 255, 0, 255);
        }
        return (Png(pixels, height, width, channels), height, width, channels);
    }

    private static byte[] Png(byte[] pixels, int height, int width, int channels)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, (byte)(channels == 3 ? 2 : 0));
        Chunk(png, "IHDR", header);
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(pixels, y * width * channels, width * channels);
            }
        }
        Chunk(png, "IDAT", data.ToArray());
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, string name, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(body);
        uint crc = uint.MaxValue;
        foreach (byte value in body)
        {
            crc = s_crcTable[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        png.Write(number);
    }

    private static uint CrcOf(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        }
        return value;
    }
}
