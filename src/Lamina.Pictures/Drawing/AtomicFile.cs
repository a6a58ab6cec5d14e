namespace Lamina.Drawing;

/// <summary>Writes files so that a reader sees the old one or the whole new one, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the file, flushes to the disk, then renames.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw new LaminaException("A picture needs a file name; got an empty one.");
        }
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            string reason = e.Message.ReplaceLineEndings(" ");
            throw new LaminaException(
                $"{path}: cannot write the picture ({reason}). Check the folder, its permissions and the space left.",
                e
            );
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that is reported is the first one.
        }
    }
}
