using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lamina;

/// <summary>
/// The header of a NumPy array file (.npy) of bytes: (height, width) for gray, (height, width, 3) for RGB. The pixels follow,
/// row by row.
/// </summary>
/// <param name="Size">The height and width.</param>
/// <param name="Channels">1 for gray, 3 for RGB.</param>
/// <param name="Start">The position of the first pixel.</param>
internal readonly partial record struct NpyImage(Size2 Size, int Channels, int Start)
{
    /// <summary>The extension of such files.</summary>
    public const string Extension = ".npy";

    /// <summary>The most bytes of a header; that of an image has 128.</summary>
    public const int MostHeaderBytes = 256;

    private const int MagicBytes = 6;
    private const int PrefixBytes = 10;
    private const int Alignment = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The number of bytes of pixels.</summary>
    public long PixelBytes => (long)Size.Height * Size.Width * Channels;

    /// <summary>Returns the header of an image in format version 1.0.</summary>
    public static byte[] HeaderOf(Size2 size, int channels)
    {
        string depth = channels == 1 ? "" : $", {channels}";
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({size.Height}, {size.Width}{depth}), }}"
        );
        int length = (PrefixBytes + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[length];
        header.AsSpan().Fill((byte)' ');
        Magic.CopyTo(header);
        (header[MagicBytes], header[MagicBytes + 1]) = (1, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(MagicBytes + 2), (ushort)(length - PrefixBytes));
        Encoding.ASCII.GetBytes(text, header.AsSpan(PrefixBytes));
        header[^1] = (byte)'\n';
        return header;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="file">The first bytes of a file, at least its header.</param>
    /// <returns>The header; <see langword="null"/> if the file is not an array of pixels.</returns>
    public static NpyImage? Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < PrefixBytes || !file.StartsWith(Magic))
        {
            return null;
        }
        int start = PrefixBytes + BinaryPrimitives.ReadUInt16LittleEndian(file[(MagicBytes + 2)..]);
        if (file[MagicBytes] != 1 || start > file.Length)
        {
            return null;
        }
        Match match = Header().Match(Encoding.ASCII.GetString(file[PrefixBytes..start]));
        if (
            !match.Success
            || !int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int height)
            || !int.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out int width)
        )
        {
            return null;
        }
        int channels = match.Groups[3].Success ? match.Groups[3].ValueSpan[0] - '0' : 1;
        return height > 0 && width > 0 && (long)height * width <= ImageDecoder.DefaultMaxPixels
            ? new NpyImage(new Size2(height, width), channels, start)
            : null;
    }

    [GeneratedRegex(
        @"^\{'descr': '\|?u1', 'fortran_order': False, 'shape': \((\d{1,9}), (\d{1,9})(?:, ([13]))?,?\), ?\}\s*$"
    )]
    private static partial Regex Header();
}
