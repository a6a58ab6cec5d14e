using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Lamina.Torch;

/// <summary>
/// Finds an installed PyTorch by asking Python for the folder of its module <c>torch</c>. The answer is kept in a file
/// until Python, its environment or one of its module folders changes, so that Python is started once.
/// </summary>
/// <param name="cacheFile">The file with the last answer.</param>
/// <param name="files">The platform's files.</param>
/// <param name="findPython">Returns the path of the Python interpreter; <see langword="null"/> without one.</param>
/// <param name="ask">Runs a program with the interpreter and returns its output; <see langword="null"/> if that failed.</param>
internal sealed class PyTorchFinder(
    string cacheFile,
    TorchFiles files,
    Func<string?> findPython,
    Func<string, string, string?> ask
)
{
    // The module is located but not imported, which would take seconds and initialize CUDA. Python puts the current folder
    // first on its search path; a folder named torch there is not an installation.
    private const string Program =
        "import sys\nsys.path[:]=[p for p in sys.path if p]\nimport importlib.util,json,os\n"
        + "s=importlib.util.find_spec('torch')\n"
        + "print(json.dumps([os.path.dirname(s.origin) if s and s.origin else None]+sys.path))\n";

    private static readonly string[] s_variables =
    [
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PYENV_VERSION",
        "PYTHONPATH",
        "PYTHONHOME",
    ];

    /// <summary>Creates the finder of this machine's PyTorch.</summary>
    public static PyTorchFinder OfMachine() =>
        new(
            Path.Combine(CacheFolder(), "pytorch.json"),
            TorchFiles.Platform,
            () => OnPath(OperatingSystem.IsWindows() ? ["python.exe", "python3.exe"] : ["python3", "python"]),
            Run
        );

    /// <summary>Returns the folder with PyTorch's libraries, <c>torch/lib</c>; <see langword="null"/> without PyTorch.</summary>
    public string? Find()
    {
        if (findPython() is not { } python)
        {
            return null;
        }
        string key = Key(python);
        if (Read() is { } kept && kept.Key == key && IsFresh(kept))
        {
            return kept.Folder;
        }
        if (ask(python, Program) is not { } output || Parse(output) is not { } paths)
        {
            return null;
        }
        string? folder = paths[0] is { } package ? Path.Combine(package, "lib") : null;
        folder = folder is not null && File.Exists(Path.Combine(folder, files.Cpu)) ? folder : null;
        // Installing or removing a package changes the time of the folder that contains it.
        Dictionary<string, long> watched = new(StringComparer.Ordinal);
        foreach (string? path in paths)
        {
            if (path is not null && Directory.Exists(path))
            {
                watched[path] = Time(path);
            }
        }
        Write(new PyTorchAnswer(key, folder, watched));
        return folder;
    }

    private bool IsFresh(PyTorchAnswer kept) =>
        (kept.Folder is null || File.Exists(Path.Combine(kept.Folder, files.Cpu)))
        && kept.Watched.All(w => Time(w.Key) == w.Value);

    private static long Time(string path) => Directory.GetLastWriteTimeUtc(path).Ticks;

    private static string Key(string python)
    {
        IEnumerable<string> values = s_variables.Select(Environment.GetEnvironmentVariable).Select(v => v ?? "");
        return string.Join('\n', [python, File.GetLastWriteTimeUtc(python).Ticks.ToString("x"), .. values]);
    }

    private static string?[]? Parse(string output)
    {
        try
        {
            string?[]? paths = JsonSerializer.Deserialize(output, PyTorchJson.Default.StringArray);
            return paths is { Length: > 0 } ? paths : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private PyTorchAnswer? Read()
    {
        try
        {
            return
                JsonSerializer.Deserialize(File.ReadAllBytes(cacheFile), PyTorchJson.Default.PyTorchAnswer)
                    is { Key: not null, Watched: not null } a
                ? a
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private void Write(PyTorchAnswer answer)
    {
        string temporary = $"{cacheFile}.{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cacheFile)!);
            File.WriteAllBytes(
                temporary,
                JsonSerializer.SerializeToUtf8Bytes(answer, PyTorchJson.Default.PyTorchAnswer)
            );
            File.Move(temporary, cacheFile, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written to: Python is asked again next time.
        }
    }

    private static string CacheFolder()
    {
        string? chosen = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string root =
            OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.IsPathRooted(chosen) ? chosen
            : Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache");
        return Path.Combine(root, "lamina");
    }

    private static string? OnPath(string[] names) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Where(Path.IsPathRooted)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    private static string? Run(string python, string program)
    {
        const int MostMilliseconds = 10_000;
        var start = new ProcessStartInfo(python, ["-c", program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(MostMilliseconds))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }
            return process.ExitCode == 0 && output.Wait(MostMilliseconds) ? output.Result : null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or AggregateException)
        {
            return null;
        }
    }
}
