namespace Lamina;

/// <summary>
/// A file under a temporary name, in the folder of its target. It is flushed to disk before it gets its name, and
/// removed if it never does. It is locked while it is written, which distinguishes it from leftovers of killed
/// processes.
/// </summary>
internal sealed class TemporaryFile : IDisposable
{
    private const int BufferSize = 1 << 16;
    private const string Suffix = ".tmp";
    private const string RandomPart = ".xxxxxxxx.xxx";

    private readonly string _path;
    private readonly FileStream _file;
    private bool _kept;

    private TemporaryFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
        // The buffer is outside the FileStream, whose own Dispose would try to write again what the disk has just
        // refused.
        Stream = new BufferedStream(file, BufferSize);
    }

    /// <summary>The stream to write to.</summary>
    public Stream Stream { get; }

    /// <summary>Creates an empty file <c>.name.random.tmp</c>.</summary>
    public static TemporaryFile Create(string folder, string name)
    {
        string path = Path.Combine(folder, $".{name}.{Path.GetRandomFileName()}{Suffix}");
        // Shared with readers: on Unix the lock is still held in the moment after the file has got its name.
        return new TemporaryFile(
            path,
            new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0)
        );
    }

    /// <summary>Flushes the content to disk and renames the file over <paramref name="target"/>, in the same folder.</summary>
    public void MoveTo(string target)
    {
        Stream.Flush();
        _file.Flush(flushToDisk: true);
        if (OperatingSystem.IsWindows())
        {
            // Windows does not rename an open file; Unix does, and the lock holds until the name exists.
            _file.Dispose();
        }
        File.Move(_path, target, overwrite: true);
        _kept = true;
        _file.Dispose();
    }

    /// <summary>Removes the file unless it was moved to its name.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_kept)
        {
            TryDelete(_path);
        }
    }

    /// <summary>Removes leftovers of killed processes from writes of <paramref name="name"/>.</summary>
    public static void RemoveLeftovers(string folder, string name) => RemoveLeftovers(folder, n => n == name);

    /// <summary>Removes leftovers of killed processes in a folder, from writes of names with this ending.</summary>
    public static void RemoveAllLeftovers(string folder, string ending) =>
        RemoveLeftovers(folder, n => n.EndsWith(ending, StringComparison.Ordinal));

    // A search pattern would interpret '*' and '?' in a name, so names are compared as text.
    private static void RemoveLeftovers(string folder, Predicate<string> isMeant)
    {
        foreach (string path in FilesIn(folder))
        {
            if (NameOf(Path.GetFileName(path)) is { } name && isMeant(name) && !IsLocked(path))
            {
                TryDelete(path);
            }
        }
    }

    /// <summary>Returns the target name of a temporary file; <see langword="null"/> for other files.</summary>
    private static string? NameOf(string file)
    {
        int end = file.Length - Suffix.Length - RandomPart.Length;
        return end > 1 && file[0] == '.' && file[end] == '.' && file.EndsWith(Suffix, StringComparison.Ordinal)
            ? file[1..end]
            : null;
    }

    /// <summary>Deletes a file if possible.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // It remains until the next time; the original failure is the error to report.
        }
    }

    private static string[] FilesIn(string folder)
    {
        try
        {
            return Directory.GetFiles(folder);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return [];
        }
    }

    private static bool IsLocked(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return false;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return true;
        }
    }
}
