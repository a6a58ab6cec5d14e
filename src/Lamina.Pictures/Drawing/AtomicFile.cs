namespace Lamina.Drawing;

/// <summary>Writes files atomically: readers see the old file or the complete new one.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a temporary file beside the target, flushes it to disk, and renames it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw new LaminaException("A picture requires a file name, but the name is empty.");
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
