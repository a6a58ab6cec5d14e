using Lamina.Runs.Text;

namespace Lamina.Runs.Folder;

/// <summary>
/// Reserves a run folder for one process. The system releases the lock whenever the process ends, so the file of a killed
/// process does not matter.
/// </summary>
internal sealed class RunLock : IDisposable
{
    /// <summary>The name of the file in the reserved folder.</summary>
    public const string FileName = ".lock";

    private readonly string _path;
    private readonly FileStream _file;

    private RunLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary><see langword="true"/> to remove the file at the end, once the run is finished.</summary>
    public bool RemoveFile { get; set; }

    /// <summary>Acquires the lock.</summary>
    /// <exception cref="LaminaException">Another process holds the lock.</exception>
    public static RunLock Take(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return new RunLock(path, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException && File.Exists(path))
        {
            throw new LaminaException($"{folder}: another process is using this run. Wait for it, or stop it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{folder}: cannot be written ({OneLine.Of(e.Message)})", e);
        }
    }

    public void Dispose()
    {
        // Windows does not delete open files. A process that acquires the lock in between finds a finished run.
        _file.Dispose();
        if (RemoveFile)
        {
            File.Delete(_path);
        }
    }
}
