namespace Lamina;

/// <summary>Reads small files as a whole.</summary>
internal static class BoundedFile
{
    /// <summary>Reads a file of limited length.</summary>
    /// <exception cref="ModelFileException">The file is too long, or cannot be read.</exception>
    public static byte[] Read(string path, int maxLength)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > maxLength)
            {
                throw new ModelFileException(
                    $"{path}: has {stream.Length} bytes, more than the limit of {maxLength} for such a file."
                );
            }
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
    }
}
