using System.Diagnostics;

// Jobs of several processes share two cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Lamina.Distributed.Tests;

/// <summary>What a job left: exit code, output, error output.</summary>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>The lines of error output that are not the launcher's own.</summary>
    public string[] OwnLines =>
        [
            .. Error
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l =>
                    l.StartsWith("rank ", StringComparison.Ordinal)
                    || l.StartsWith("alexnet: ", StringComparison.Ordinal)
                ),
        ];
}

/// <summary>Starts jobs with the launchers of the machine.</summary>
internal static class Launcher
{
    private const int MostSeconds = 240;

    /// <summary>The launchers that tests run with: those of Debian's packages.</summary>
    public static TheoryData<string> All => [.. Names];

    /// <summary>The names of the launchers.</summary>
    public static readonly string[] Names = ["mpirun.openmpi", "mpirun.mpich"];

    /// <summary>Skips the test if the launcher or the other needs are missing.</summary>
    public static void Require(string launcher)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "jobs of several processes are tested on Linux.");
        Assert.SkipUnless(
            PathOf(launcher) is not null,
            $"{launcher} is not installed (Debian: openmpi-bin, libopenmpi3; mpich, libmpich12)."
        );
    }

    /// <summary>Runs a rank's program to its end.</summary>
    public static Outcome Run(string launcher, int ranks, params string[] arguments) =>
        Finish(Start(launcher, ranks, "RankHost.dll", arguments));

    /// <summary>Runs a rank's program without a launcher.</summary>
    public static Outcome RunAlone(params string[] arguments) =>
        Finish(Process.Start(Info("dotnet", [Path.Combine(AppContext.BaseDirectory, "RankHost.dll"), .. arguments]))!);

    /// <summary>Starts a program on several ranks.</summary>
    public static Process Start(string launcher, int ranks, string program, params string[] arguments) =>
        Process.Start(
            Info(
                launcher,
                [
                    .. Options(launcher),
                    "-n",
                    $"{ranks}",
                    "dotnet",
                    Path.Combine(AppContext.BaseDirectory, program),
                    .. arguments,
                ]
            )
        )!;

    /// <summary>The options that let tests run as root, with more ranks than cores.</summary>
    public static string[] Options(string launcher) =>
        launcher == "mpirun.openmpi" ? ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] : [];

    /// <summary>Waits for a job and returns what it left. Ends one that hangs.</summary>
    public static Outcome Finish(Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            if (!process.WaitForExit(MostSeconds * 1000))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"The job did not end in {MostSeconds} s.");
            }
            return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
    }

    /// <summary>The numbers of all processes under a process, on Linux.</summary>
    public static List<int> Ranks(int launcher)
    {
        List<int> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int id) && IsUnder(id, launcher) && IsRank(id))
            {
                found.Add(id);
            }
        }
        return found;
    }

    /// <summary>Returns <see langword="true"/> if a process is there and has not ended.</summary>
    public static bool IsAlive(int id) => Field(id, 0) is not (null or "Z" or "X");

    /// <summary>Sends a signal.</summary>
    public static void Signal(int id, string signal)
    {
        using Process kill = Process.Start("sh", ["-c", $"kill -{signal} {id}"]);
        kill.WaitForExit();
    }

    private static bool IsRank(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").StartsWith("dotnet\0", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsUnder(int id, int ancestor)
    {
        for (int i = 0; i < 10 && id > 1; i++)
        {
            if (id == ancestor)
            {
                return true;
            }
            id = int.Parse(Field(id, 1) ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        }
        return false;
    }

    // The fields of /proc/PID/stat after the name: state, parent…
    private static string? Field(int id, int index)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[index];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? PathOf(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Select(p => Path.Combine(p, program))
            .FirstOrDefault(File.Exists);

    private static ProcessStartInfo Info(string file, IEnumerable<string> arguments) =>
        new(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["OMP_NUM_THREADS"] = "1",
                ["OMP_WAIT_POLICY"] = "passive",
                ["LAMINA_HEARTBEAT_SECONDS"] = "6",
                ["DOTNET_TieredPGO"] = "0",
                // Open MPI gives its ranks a terminal, which .NET would initialize.
                ["TERM"] = "dumb",
                // MPICH looks for other machines' networks, which containers may not have.
                ["FI_PROVIDER"] = "tcp",
            },
        };
}
