using System.Text;

namespace Lamina;

/// <summary>
/// Writes files atomically: under a temporary name in the same folder, flushed to disk, then renamed. At every moment
/// either the old or the new file is intact. A failure removes the temporary file; the next write to the same path
/// removes one that a killed process left.
/// </summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes a file by a callback. An exception of the callback is not wrapped; the old file is kept.
    /// </summary>
    /// <param name="path">
    /// The file; its folder must exist. A link is followed. A device such as /dev/stdout is written directly.
    /// </param>
    /// <param name="write">Writes the content to the stream, which need not be flushed or closed.</param>
    /// <exception cref="LaminaException">The file cannot be written; the message says which and why.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            string target = Path.GetFullPath(path);
            if (IsDevice(target))
            {
                WriteDirectly(target, write);
                return;
            }
            if (Directory.Exists(target))
            {
                throw new LaminaException($"{path}: cannot be written: it is a folder.");
            }
            if (new FileInfo(target).LinkTarget is not null)
            {
                target = File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
            }
            Replace(target, write);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(path, e);
        }
    }

    /// <summary>Writes bytes to a file.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})" path="/exception"/>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) =>
        Write(path, stream => stream.Write(bytes.Span));

    /// <summary>Writes text to a file in UTF-8, without a byte order mark.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})" path="/exception"/>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Replaces a regular file; errors are those of the file system.</summary>
    internal static void Replace(string target, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(target)!;
        string name = Path.GetFileName(target);
        TemporaryFile.RemoveLeftovers(folder, name);
        using (var file = TemporaryFile.Create(folder, name))
        {
            write(file.Stream);
            file.MoveTo(target);
        }
        FolderSync.Flush(folder);
    }

    private static void WriteDirectly(string target, Action<Stream> write)
    {
        using var file = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        write(file);
    }

    // A rename would replace the device by a regular file.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
