using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Writes pictures so that a reader sees the old file or the whole new one, never a part.</summary>
internal static class PngFile
{
    public static void Write(string path, SKImage image)
    {
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        Write(path, data.Span);
    }

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
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
            throw new LaminaException(
                $"{path}: cannot write the picture ({e.Message}). Check the folder, its permissions and the space left.",
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
