using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lamina;

/// <summary>Opens regular files without blocking on pipes, sockets or devices.</summary>
internal static partial class RegularFile
{
    /// <summary>Opens a file for reading. Opening a named pipe would wait for a writer, perhaps forever.</summary>
    /// <exception cref="DataException">The path is a folder, a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read; other exceptions are those of <see cref="File"/>.</exception>
    public static (SafeFileHandle Handle, long Length) Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new DataException(path, "is a folder, not an image.");
        }
        SafeFileHandle handle = OpenAtOnce(path);
        try
        {
            return (handle, RandomAccess.GetLength(handle));
        }
        catch (NotSupportedException e)
        {
            handle.Dispose();
            throw new DataException(path, "is a pipe or a device, not a file.", e);
        }
    }

    private static SafeFileHandle OpenAtOnce(string path)
    {
        // O_RDONLY, O_NONBLOCK and O_CLOEXEC.
        int flags =
            OperatingSystem.IsLinux() ? 0x800 | 0x80000
            : OperatingSystem.IsMacOS() ? 0x4 | 0x1000000
            : 0;
        int descriptor = flags == 0 ? -1 : OpenUnix(path, flags);
        // .NET reports the error with the path.
        return descriptor < 0 ? File.OpenHandle(path) : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenUnix(string path, int flags);
}
