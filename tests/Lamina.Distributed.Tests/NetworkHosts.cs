using System.Diagnostics;

namespace Lamina.Distributed.Tests;

/// <summary>Hosts made of network namespaces, by the script of <c>tests/distributed</c>. Root can make them.</summary>
internal sealed class NetworkHosts : IDisposable
{
    private readonly string _name = $"lt{Environment.ProcessId}x";
    private readonly int _count;

    private NetworkHosts(int count) => _count = count;

    /// <summary>The script.</summary>
    public static string Script { get; } = Path.Combine(AppContext.BaseDirectory, "network");

    /// <summary>Makes hosts, or skips the test where that is not possible.</summary>
    public static NetworkHosts Require(int count)
    {
        var hosts = new NetworkHosts(count);
        string? why = hosts.TryStart();
        Assert.SkipWhen(why is not null, $"hosts of network namespaces need root and iproute2: {why}");
        return hosts;
    }

    /// <summary>Returns the program and the options that start Open MPI's ranks, one on each host.</summary>
    public string[] Command =>
        [
            Script,
            "exec",
            "1",
            "mpirun.openmpi",
            "--allow-run-as-root",
            "--bind-to",
            "none",
            "--mca",
            "plm_rsh_agent",
            $"{Script} agent",
            "--mca",
            "oob_tcp_if_include",
            "eth0",
            "--mca",
            "btl_tcp_if_include",
            "eth0",
            "--host",
            string.Join(',', Enumerable.Range(1, _count).Select(h => $"10.77.0.{h}:1")),
        ];

    /// <summary>The variable that tells the script the name of these hosts.</summary>
    public KeyValuePair<string, string> Variable => new("LAMINA_NETWORK", _name);

    /// <summary>Takes the link of a host down.</summary>
    public void Cut(int host) => Assert.Equal(0, Run("cut", $"{host}").Code);

    /// <summary>Takes the link of a host up.</summary>
    public void Mend(int host) => Assert.Equal(0, Run("mend", $"{host}").Code);

    /// <summary>Returns the processes on a host.</summary>
    public int[] Processes(int host) =>
        [
            .. Run("pids", $"{host}")
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => int.Parse(l, System.Globalization.CultureInfo.InvariantCulture)),
        ];

    /// <inheritdoc/>
    public void Dispose() => _ = Run("down");

    private string? TryStart()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "this process is not root.";
        }
        (int code, _, string error) = Run("up", $"{_count}");
        if (code == 0)
        {
            return null;
        }
        Dispose();
        return error.Trim();
    }

    private Outcome Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Script, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Variable.Key] = Variable.Value },
        };
        return Launcher.Finish(Process.Start(start)!);
    }
}
