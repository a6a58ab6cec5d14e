using System.Diagnostics;
using System.Globalization;

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
    public static Outcome RunAlone(params string[] arguments) => RunProgram("RankHost.dll", arguments);

    /// <summary>Runs a program without a launcher.</summary>
    public static Outcome RunProgram(
        string program,
        string[] arguments,
        IEnumerable<KeyValuePair<string, string>>? variables = null
    ) => Finish(StartProgram(program, arguments, variables));

    /// <summary>Starts a program without a launcher.</summary>
    public static Process StartProgram(
        string program,
        string[] arguments,
        IEnumerable<KeyValuePair<string, string>>? variables = null
    )
    {
        ProcessStartInfo info = Info("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments]);
        foreach ((string name, string value) in variables ?? [])
        {
            info.Environment[name] = value;
        }
        return Process.Start(info)!;
    }

    /// <summary>Starts a program on several ranks.</summary>
    public static Process Start(
        string launcher,
        int ranks,
        string program,
        string[] arguments,
        NetworkHosts? hosts = null,
        IEnumerable<KeyValuePair<string, string>>? variables = null
    )
    {
        string[] command = hosts?.Command ?? [launcher, .. Options(launcher)];
        ProcessStartInfo info = Info(
            command[0],
            [.. command[1..], "-n", $"{ranks}", "dotnet", Path.Combine(AppContext.BaseDirectory, program), .. arguments]
        );
        foreach ((string name, string value) in (variables ?? []).Concat(hosts is null ? [] : [hosts.Variable]))
        {
            info.Environment[name] = value;
        }
        return Process.Start(info)!;
    }

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

    /// <summary>Returns <see langword="true"/> if a process is a rank's program.</summary>
    public static bool IsRank(int id) =>
        RankOf(id) >= 0 && Field(id, 0) is not null && File.ReadAllText($"/proc/{id}/comm").Trim() == "dotnet";

    /// <summary>Returns the rank of a process by its environment, -1 for others.</summary>
    public static int RankOf(int id)
    {
        try
        {
            string? rank = File.ReadAllText($"/proc/{id}/environ")
                .Split('\0')
                .FirstOrDefault(v =>
                    v.StartsWith("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal)
                    || v.StartsWith("PMI_RANK=", StringComparison.Ordinal)
                );
            return rank is null ? -1 : int.Parse(rank.Split('=')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    /// <summary>Returns the number and the command line of a process, for messages.</summary>
    public static string CommandOf(int id)
    {
        try
        {
            return $"{id} ({File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').Trim()})";
        }
        catch (IOException)
        {
            return $"{id} (ended)";
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
            id = int.Parse(Field(id, 1) ?? "0", CultureInfo.InvariantCulture);
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
