using Lamina.Distributed.Mpi;

namespace Lamina.Distributed.Tests;

/// <summary>Ranks from environment variables, and libraries that do not fit them.</summary>
public sealed class LaunchEnvironmentTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", 3, 4, "mpirun (Open MPI)", "libmpi.so.40")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", 0, 2, "mpiexec (MPICH)", "libmpi_abi.so.0")]
    [InlineData("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=8 PMIX_RANK=1", 1, 8, "srun", "libmpi.so.40")]
    [InlineData("PMI_RANK=1 PMI_SIZE=2 LAMINA_MPI=/opt/libmpi.so", 1, 2, "mpiexec (MPICH)", "/opt/libmpi.so")]
    public void Ranks_are_found(string variables, int rank, int size, string launcher, string library)
    {
        LaunchEnvironment found = Detect(variables)!;
        Assert.Equal((rank, size, launcher), (found.Rank, found.Size, found.Launcher));
        Assert.Equal(library, found.Libraries[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1")]
    [InlineData("OMPI_COMM_WORLD_RANK=4 OMPI_COMM_WORLD_SIZE=4")]
    [InlineData("PMI_RANK=x PMI_SIZE=2")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=8")]
    [InlineData("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1")]
    public void A_process_that_was_started_alone_is_no_rank(string variables) => Assert.Null(Detect(variables));

    [Fact]
    public void Slurm_without_MPI_ends_in_one_line()
    {
        const string variables = "SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2";
        string message = Assert.Throws<LaminaException>(() => Detect(variables)).Message;
        Assert.Equal(
            "srun: started the ranks without MPI. Use srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH).",
            message
        );
        // A library of the user's may find the others in its own way.
        Assert.Equal(2, Detect(variables + " LAMINA_MPI=/opt/libmpi.so")!.Size);
    }

    [Fact]
    public void A_missing_library_is_named()
    {
        var environment = new LaunchEnvironment(0, 2, "mpirun (Open MPI)", ["libmpi-of-nobody.so.40"]);
        string message = Assert.Throws<LaminaException>(() => MpiCommunicator.Connect(environment)).Message;
        Assert.StartsWith("mpirun (Open MPI) started 2 ranks, but its MPI library was not found", message);
        Assert.Contains("libmpi-of-nobody.so.40", message, StringComparison.Ordinal);
        Assert.Contains("LAMINA_MPI", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_are_in_the_order_of_ranks()
    {
        float[] parts = [1e8f, 1, -1e8f, 2, 1, 3];
        var sum = new float[2];
        PlainSum<float>.Add(parts, sum);
        Assert.Equal([1e8f + -1e8f + 1, 6f], sum);
    }

    private static LaunchEnvironment? Detect(string variables)
    {
        var set = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('='))
            .ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return LaunchEnvironment.Detect(name => set.GetValueOrDefault(name));
    }
}
