using Lamina.Runs.Text;

namespace Lamina.Runs.Folder;

/// <summary>
/// Keeps a run's folder to one process. The system drops the lock when the process ends, however it ends, so a file that a
/// killed one left does not matter.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    private RunLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Whether the file is removed at the end: only where nobody has a reason to come after.</summary>
    public bool RemoveFile { get; set; }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="LaminaException">Another process has it.</exception>
    public static RunLock Take(string folder)
    {
        string path = Path.Combine(folder, ".lock");
        try
        {
            return new RunLock(path, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException && File.Exists(path))
        {
            throw new LaminaException($"{folder}: another process is working on this run. Wait for it, or end it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{folder}: cannot be written ({OneLine.Of(e.Message)})", e);
        }
    }

    public void Dispose()
    {
        // Windows deletes no open file. Who takes the lock in between finds a finished run.
        _file.Dispose();
        if (RemoveFile)
        {
            File.Delete(_path);
        }
    }
}
