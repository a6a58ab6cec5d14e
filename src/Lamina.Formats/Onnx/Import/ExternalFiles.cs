namespace Lamina;

/// <summary>
/// The files beside a model that contain its tensors' values: in its folder or below, not through links.
/// </summary>
internal sealed class ExternalFiles(string modelPath) : IDisposable
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(modelPath)) ?? "/";
    private readonly Dictionary<string, (FileStream Stream, long Length)> _open = new(StringComparer.Ordinal);

    // A split model has a few of them; more could exhaust file handles.
    private const int MaxFiles = 64;

    /// <summary>Returns the length of a file.</summary>
    /// <exception cref="ModelFileException">
    /// The location lies outside the model's folder, or the file does not exist.
    /// </exception>
    public long Length(string location)
    {
        _ = Open(location);
        return _open[location].Length;
    }

    /// <summary>Opens a file, once.</summary>
    /// <exception cref="ModelFileException">
    /// The location lies outside the model's folder, or the file does not exist.
    /// </exception>
    public FileStream Open(string location)
    {
        if (_open.TryGetValue(location, out (FileStream Stream, long Length) open))
        {
            return open.Stream;
        }
        if (_open.Count == MaxFiles)
        {
            throw new ModelFileException($"{modelPath}: its data is in over {MaxFiles} files.");
        }
        string path = Resolve(location);
        try
        {
            var info = new FileInfo(path);
            // Pipes have no length, and opening one would wait for a writer.
            if (!info.Exists || info.Length == 0)
            {
                throw Refused(location, "there is no such file, or it is empty");
            }
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            _open.Add(location, (stream, info.Length));
            return stream;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw Refused(location, FileErrors.Reason(e));
        }
    }

    public void Dispose()
    {
        foreach ((FileStream stream, _) in _open.Values)
        {
            stream.Dispose();
        }
    }

    private string Resolve(string location)
    {
        string[] parts = location.Split('/', '\\');
        if (
            location.Length is 0 or > 1000
            || Path.IsPathRooted(location)
            || location.Any(c => char.IsControl(c) || c == ':')
            || parts.Any(p => p is "" or "." or "..")
        )
        {
            throw Refused(location, "it must be a relative path within the model's folder");
        }
        string path = _folder;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw Refused(location, "it is a link, which could lead out of the model's folder");
            }
        }
        return path;
    }

    private ModelFileException Refused(string location, string why) =>
        new($"{modelPath}: its data is in {Quoted.Name(location)}, which is rejected: {why}.");
}
