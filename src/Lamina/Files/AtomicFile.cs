using System.Text;

namespace Lamina;

/// <summary>
/// Writes a file as a whole or not at all: under a temporary name beside it, flushed to disk, renamed over it. Whatever
/// happens meanwhile, the old file is whole until the new one is. A failure removes the temporary file; one that a killed
/// process left is removed by the next write to the same path.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file by a callback. An exception of the callback's own passes through; the old file stays.</summary>
    /// <param name="path">The file; its folder must exist. A link is followed. A device such as /dev/stdout is just written to.</param>
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

    /// <summary>Writes a file of these bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})" path="/exception"/>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) =>
        Write(path, stream => stream.Write(bytes.Span));

    /// <summary>Writes a UTF-8 text file, without a byte order mark.</summary>
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

    // A rename would put a regular file in the device's place.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
