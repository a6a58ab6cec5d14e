namespace Lamina;

/// <summary>Small files that are read whole.</summary>
internal static class BoundedFile
{
    /// <summary>Reads a file of at most so many bytes.</summary>
    /// <exception cref="ModelFileException">It is longer, or cannot be read.</exception>
    public static byte[] Read(string path, int maxLength)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > maxLength)
            {
                throw new ModelFileException(
                    $"{path}: has {stream.Length} bytes, over the {maxLength} that such a file may have."
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
