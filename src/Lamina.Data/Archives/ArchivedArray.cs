namespace Lamina;

/// <summary>Reads pixels that an archive stores as NumPy arrays: only the needed rows, without decoding.</summary>
internal static class ArchivedArray
{
    /// <summary>Reads an array.</summary>
    /// <param name="source">The archive.</param>
    /// <param name="offset">The position of the array in it.</param>
    /// <param name="length">The number of bytes of the array.</param>
    /// <param name="name">The name in errors.</param>
    /// <param name="target">Receives the pixels.</param>
    /// <param name="part">Selects the rows to read; <see langword="null"/> for all.</param>
    /// <exception cref="DataException">The array is damaged, or is not one of pixels.</exception>
    public static void Read(
        ByteSource source,
        long offset,
        int length,
        string name,
        PixelBuffer target,
        PartChooser? part
    )
    {
        Span<byte> header = stackalloc byte[NpyImage.MostHeaderBytes];
        header = header[..Math.Min(length, header.Length)];
        source.Read(offset, header);
        if (NpyImage.Parse(header) is not { } image)
        {
            throw new DataException(
                name,
                "is not an array of pixels: uint8 of shape (height, width) or (height, width, 3)."
            );
        }
        if (image.Start + image.PixelBytes != length)
        {
            throw new DataException(
                name,
                $"is damaged: {length - image.Start} bytes for {image.Size} pixels of {image.Channels} bytes."
            );
        }
        PixelRectangle rows = part?.Invoke(image.Size) ?? default;
        (int top, int height) = rows.IsEmpty ? (0, image.Size.Height) : (rows.Top, rows.Height);
        target.Resize(height, image.Size.Width, image.Channels);
        target.SetPart(image.Size, top, 0);
        source.Read(offset + image.Start + ((long)top * image.Size.Width * image.Channels), target.Pixels);
    }
}
