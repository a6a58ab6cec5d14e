using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lamina;

/// <summary>Opens files that folders of images may hold, without waiting on those that are none: pipes, sockets, devices.</summary>
internal static partial class RegularFile
{
    /// <summary>Opens a file to read. Opening a named pipe would wait for a writer, perhaps for ever.</summary>
    /// <exception cref="DataException">It is a folder, a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">It is not there or cannot be read; other exceptions are those of <see cref="File"/>.</exception>
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
        // Its errors are .NET's, which name the path.
        return descriptor < 0 ? File.OpenHandle(path) : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenUnix(string path, int flags);
}
