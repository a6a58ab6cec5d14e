using System.Globalization;

namespace Lamina.Distributed;

/// <summary>The place of this process among those that mpirun or srun started, as their environment variables say.</summary>
/// <param name="Rank">The number of this process, from 0.</param>
/// <param name="Size">The number of processes.</param>
/// <param name="Launcher">The program that started them, for messages.</param>
/// <param name="Libraries">The file names of the MPI libraries that match it, in order of preference.</param>
internal sealed record LaunchEnvironment(int Rank, int Size, string Launcher, IReadOnlyList<string> Libraries)
{
    /// <summary>The variable with the path of the MPI library.</summary>
    public const string LibraryVariable = "LAMINA_MPI";

    private const string Slurm = "srun";

    private static readonly string[] s_openMpi =
    [
        "libmpi.so.40",
        "libmpi.40.dylib",
        "libmpi_abi.so.0",
        "libmpi_abi.so",
    ];
    private static readonly string[] s_mpich =
    [
        "libmpi_abi.so.0",
        "libmpi_abi.so",
        "libmpich.so.12",
        "libmpi.so.12",
        "libmpi.12.dylib",
    ];

    /// <summary>Reads the variables.</summary>
    /// <param name="read">Returns a variable's value; <see langword="null"/> if it is not set.</param>
    /// <returns><see langword="null"/> if this process was started alone.</returns>
    /// <exception cref="LaminaException">srun started several processes without MPI.</exception>
    public static LaunchEnvironment? Detect(Func<string, string?> read)
    {
        LaunchEnvironment? found =
            Of("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "mpirun (Open MPI)", s_openMpi)
            ?? Of("PMI_RANK", "PMI_SIZE", "mpiexec (MPICH)", s_mpich)
            // A shell inside of an allocation has the other variables of Slurm, too.
            ?? Of("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", Slurm, [.. s_openMpi, .. s_mpich]);
        if (found is { Launcher: Slurm, Size: > 1 } && read("PMIX_RANK") is null && read(LibraryVariable) is null)
        {
            // The library would print a page, and end the process.
            throw new LaminaException(
                "srun: started the ranks without MPI. Use srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH)."
            );
        }
        return found is { Size: > 1 } ? found : null;

        LaunchEnvironment? Of(string rank, string size, string launcher, string[] libraries) =>
            Number(read(rank)) is { } r && Number(read(size)) is { } n && r < n
                ? new LaunchEnvironment(r, n, launcher, read(LibraryVariable) is { Length: > 0 } l ? [l] : libraries)
                : null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
