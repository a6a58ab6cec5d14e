using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Distributed.Mpi;

/// <summary>The values of the handles and special addresses of an MPI library.</summary>
internal sealed record MpiHandles(nint World, nint Byte, nint ErrorsReturn, nint InPlace, nint StatusIgnore);

/// <summary>An MPI library of the machine: Open MPI, MPICH, or any with the standard ABI.</summary>
internal sealed unsafe partial class MpiLibrary
{
    private const int Now = 2;
    private const int Global = 0x100;
    private readonly nint _library;

    private MpiLibrary(nint library, string file)
    {
        (_library, File) = (library, file);
        var version = (delegate* unmanaged<byte*, int*, int>)Function("MPI_Get_library_version");
        byte* text = stackalloc byte[8192];
        int length;
        _ = version(text, &length);
        Version = Encoding.UTF8.GetString(text, Math.Clamp(length, 0, 8191)).Split('\n', ',')[0].Trim('\0', ' ');
    }

    /// <summary>The file that was loaded.</summary>
    public string File { get; }

    /// <summary>The first line of the library's description of itself.</summary>
    public string Version { get; }

    /// <summary>Loads the first of some files that exists.</summary>
    /// <param name="files">File names, which the system looks up, or paths.</param>
    /// <returns><see langword="null"/> if none can be loaded.</returns>
    public static MpiLibrary? Load(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            // Open MPI loads parts of itself that look for the symbols of the others.
            nint library =
                OperatingSystem.IsLinux() ? Open(file, Now | Global)
                : NativeLibrary.TryLoad(file, out nint loaded) ? loaded
                : 0;
            if (library != 0 && NativeLibrary.TryGetExport(library, "MPI_Get_library_version", out _))
            {
                return new MpiLibrary(library, file);
            }
        }
        return null;
    }

    /// <summary>Returns the address of a function.</summary>
    /// <exception cref="LaminaException">The library does not have it.</exception>
    public nint Function(string name) =>
        NativeLibrary.TryGetExport(_library, name, out nint address)
            ? address
            : throw new LaminaException($"{File}: has no {name}. Install Open MPI 4 or MPICH 4, or later.");

    /// <summary>Starts MPI. Its functions may then be called on this thread.</summary>
    public MpiCalls Start()
    {
        // Levels of thread support differ in the standard ABI, where the first one must do.
        if (HasStandardAbi)
        {
            var start = (delegate* unmanaged<void*, void*, int>)Function("MPI_Init");
            Check(start(null, null), "MPI_Init");
        }
        else
        {
            const int funneled = 1;
            int provided;
            var start = (delegate* unmanaged<void*, void*, int, int*, int>)Function("MPI_Init_thread");
            Check(start(null, null, funneled, &provided), "MPI_Init_thread");
        }
        MpiCalls calls = NewCalls();
        Check(calls.ReturnErrors(), "MPI_Comm_set_errhandler");
        return calls;
    }

    /// <summary>Ends MPI, on the thread that started it.</summary>
    public void End() => _ = ((delegate* unmanaged<int>)Function("MPI_Finalize"))();

    /// <summary>Throws if a function returned an error.</summary>
    /// <exception cref="LaminaException">It did.</exception>
    public void Check(int code, string function)
    {
        if (code == 0)
        {
            return;
        }
        var describe = (delegate* unmanaged<int, byte*, int*, int>)Function("MPI_Error_string");
        byte* text = stackalloc byte[8192];
        int length = 0;
        _ = describe(code, text, &length);
        string what = Encoding.UTF8.GetString(text, Math.Clamp(length, 0, 8191)).ReplaceLineEndings(" ");
        throw new LaminaException($"{function} of {Version} failed: {what}");
    }

    private bool HasStandardAbi =>
        NativeLibrary.TryGetExport(_library, "MPI_Abi_get_version", out _) && !IsOpenMpi && IsAbiFile;

    private bool IsOpenMpi => NativeLibrary.TryGetExport(_library, "ompi_mpi_comm_world", out _);

    // MPICH 5 has the function in its own library, too, whose handles are integers.
    private bool IsAbiFile => Path.GetFileName(File).Contains("mpi_abi", StringComparison.Ordinal);

    private MpiCalls NewCalls() =>
        IsOpenMpi
            ? new AddressHandles(
                this,
                new MpiHandles(
                    Function("ompi_mpi_comm_world"),
                    Function("ompi_mpi_byte"),
                    Function("ompi_mpi_errors_return"),
                    InPlace: 1,
                    StatusIgnore: 0
                )
            )
        : HasStandardAbi ? new AddressHandles(this, new MpiHandles(0x101, 0x247, 0x142, InPlace: 1, StatusIgnore: 0))
        : new IntegerHandles(this, new MpiHandles(0x44000000, 0x4c00010d, 0x54000001, InPlace: -1, StatusIgnore: 1));

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Open(string file, int flags);
}
