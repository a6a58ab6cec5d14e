using System.Globalization;
using System.Text.RegularExpressions;

namespace Lamina.Torch;

/// <summary>The ways by which a folder with libtorch was found.</summary>
internal enum LibtorchOrigin
{
    /// <summary>The program's own folder, or the package's below it.</summary>
    Program,

    /// <summary>The environment variable LAMINA_LIBTORCH.</summary>
    Variable,

    /// <summary>An installed PyTorch.</summary>
    PyTorch,
}

/// <summary>A folder with libtorch's files, described without loading them.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Origin">The way by which it was found.</param>
/// <param name="HasCuda"><see langword="true"/> if it contains the kernels for CUDA.</param>
internal sealed partial record LibtorchFolder(string Path, LibtorchOrigin Origin, bool HasCuda)
{
    /// <summary>The oldest version whose stable C ABI has what the engine needs.</summary>
    public static readonly Version Oldest = new(2, 10);

    /// <summary>The version, such as <c>2.11.0+cu130</c>; <see langword="null"/> if no file beside the folder names it.</summary>
    public string? Version { get; init; }

    /// <summary>The CUDA version that it was built for, such as <c>13.0</c>; <see langword="null"/> if unknown.</summary>
    public Version? Cuda { get; init; }

    /// <summary><see langword="true"/> if the version is known to be below <see cref="Oldest"/>.</summary>
    public bool IsTooOld =>
        Version is not null
        && Numbers().Match(Version) is { Success: true } number
        && System.Version.Parse(number.Value) < Oldest;

    /// <summary>Describes a folder, by its files and by the version file of PyTorch or of libtorch's archive.</summary>
    /// <param name="path">The folder that contains the libraries.</param>
    /// <param name="origin">The way by which it was found.</param>
    /// <param name="files">The platform's files.</param>
    public static LibtorchFolder Read(string path, LibtorchOrigin origin, TorchFiles files)
    {
        string full = System.IO.Path.GetFullPath(path);
        string parent = System.IO.Path.GetDirectoryName(full.TrimEnd('/', '\\')) ?? full;
        string python = TextOf(System.IO.Path.Combine(parent, "version.py"));
        string archive = TextOf(System.IO.Path.Combine(parent, "build-version")).Trim();
        string? version = VersionLine().Match(python) is { Success: true } line ? line.Groups[1].Value : null;
        version ??= archive.Length > 0 ? archive : null;
        return new LibtorchFolder(full, origin, files.HasCuda(full))
        {
            Version = version,
            Cuda = CudaOf(python, version),
        };
    }

    private static Version? CudaOf(string python, string? version)
    {
        if (CudaLine().Match(python) is { Success: true } line)
        {
            return System.Version.Parse(line.Groups[1].Value);
        }
        // Archives name CUDA in the version only: +cu126 is 12.6.
        return version is not null && CudaSuffix().Match(version) is { Success: true } suffix
            ? new Version(
                int.Parse(suffix.Groups[1].Value, CultureInfo.InvariantCulture),
                int.Parse(suffix.Groups[2].Value, CultureInfo.InvariantCulture)
            )
            : null;
    }

    private static string TextOf(string file)
    {
        const int Most = 1 << 16;
        try
        {
            return new FileInfo(file) is { Exists: true, Length: < Most } ? File.ReadAllText(file) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"^\d+\.\d+")]
    private static partial Regex Numbers();

    [GeneratedRegex("""^__version__\s*=\s*['"]([^'"\r\n]+)['"]""", RegexOptions.Multiline)]
    private static partial Regex VersionLine();

    [GeneratedRegex("""^cuda\s*(?::[^=\r\n]*)?=\s*['"](\d+\.\d+)""", RegexOptions.Multiline)]
    private static partial Regex CudaLine();

    [GeneratedRegex(@"\+cu(\d+)(\d)$")]
    private static partial Regex CudaSuffix();
}
