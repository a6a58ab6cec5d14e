using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Distributed.Tests;

/// <summary>The command itself on two ranks: started by each launcher, and by <c>--ranks</c> with a rank that is killed.</summary>
public sealed class RankedCommandTests : IDisposable
{
    private static readonly string[] s_training = ["--epochs", "3", "--batch", "8", "--seed", "5", "--threads", "1"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Launcher.All), MemberType = typeof(Launcher))]
    public void A_training_has_one_log_one_folder_and_the_accuracy_of_one_process(string launcher)
    {
        Launcher.Require(launcher);
        string data = _folder.WriteImages("data", perClass: 20);
        string[] train = ["train", data, .. s_training, "--sync-batch-norm", "--output"];
        Outcome alone = Launcher.RunProgram("alexnet.dll", [.. train, _folder["alone"]]);
        Assert.True(alone.Code == 0, alone.Error);
        Outcome ranks = Launcher.Finish(Launcher.Start(launcher, 2, "alexnet.dll", [.. train, _folder["ranks"]]));
        Assert.True(ranks.Code == 0, ranks.Error);
        Assert.Empty(ranks.OwnLines);
        Assert.Single(ranks.Output.Split('\n'), l => l.Contains("images to train on", StringComparison.Ordinal));
        Assert.Equal("finished", Record(_folder["ranks"])["status"]!.GetValue<string>());
        Assert.Equal(Names(_folder["alone"]), Names(_folder["ranks"]));
        (double[] one, double[] two) = (Losses(_folder["alone"]), Losses(_folder["ranks"]));
        Assert.Equal(3, two.Length);
        Assert.All(one.Zip(two), l => Assert.Equal(l.First, l.Second, 2e-3));
    }

    [Theory]
    [InlineData("mpirun.openmpi --allow-run-as-root --oversubscribe --bind-to none")]
    [InlineData("mpirun.mpich")]
    public void A_training_with_a_killed_rank_is_restarted_and_ends_with_the_same_bytes(string command)
    {
        Launcher.Require(command.Split(' ')[0]);
        string data = _folder.WriteImages("data", perClass: 20);
        KeyValuePair<string, string>[] variables = [new("LAMINA_MPIRUN", command)];
        string[] train =
        [
            "train",
            data,
            .. s_training,
            "--checkpoint-every",
            "1",
            "--ranks",
            "2",
            "--restart",
            "1",
            "--output",
        ];
        Outcome whole = Launcher.RunProgram("alexnet.dll", [.. train, _folder["whole"]], variables);
        Assert.True(whole.Code == 0, whole.Error);

        using Process process = Launcher.StartProgram("alexnet.dll", [.. train, _folder["killed"]], variables);
        string checkpoints = Path.Combine(_folder["killed"], "checkpoints");
        SpinWait.SpinUntil(
            () =>
                process.HasExited
                || (Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "step-*").Length > 0),
            TimeSpan.FromMinutes(2)
        );
        List<int> ranks = [.. Launcher.Ranks(process.Id).Where(id => id != process.Id)];
        Assert.Equal(2, ranks.Count);
        Launcher.Signal(ranks[1], "KILL");
        Outcome outcome = Launcher.Finish(process);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.DoesNotContain(ranks, Launcher.IsAlive);
        string restart = Assert.Single(
            outcome.Error.Split('\n'),
            l => l.Contains("restart 1 of 1", StringComparison.Ordinal)
        );
        Assert.EndsWith($"restart 1 of 1: resuming {_folder["killed"]}", restart, StringComparison.Ordinal);
        foreach (string file in (string[])["model/weights.safetensors", "model/optimizer.safetensors"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder["whole"], file)),
                File.ReadAllBytes(Path.Combine(_folder["killed"], file))
            );
        }
    }

    [Fact]
    public void Open_MPI_as_root_and_a_missing_launcher_are_one_line()
    {
        string data = _folder.WriteImages("data", perClass: 2);
        string[] train = ["train", data, "--ranks", "2", "--output", _folder["run"]];
        Outcome missing = Launcher.RunProgram("alexnet.dll", train, [new("LAMINA_MPIRUN", "no-such-launcher")]);
        Assert.Equal(1, missing.Code);
        string line = Assert.Single(missing.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("alexnet: --ranks: cannot start no-such-launcher (", line, StringComparison.Ordinal);

        Launcher.Require("mpirun.openmpi");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "this process is not root.");
        Outcome root = Launcher.RunProgram("alexnet.dll", train, [new("LAMINA_MPIRUN", "mpirun.openmpi")]);
        Assert.Equal(1, root.Code);
        Assert.Equal(
            "alexnet: --ranks: mpirun.openmpi (Open MPI) does not run as root. Use another user, or set OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1.\n",
            root.Error
        );
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void More_ranks_than_cores_are_started()
    {
        Launcher.Require("mpirun.openmpi");
        string data = _folder.WriteImages("data", perClass: 8);
        int ranks = Environment.ProcessorCount + 1;
        Outcome outcome = Launcher.RunProgram(
            "alexnet.dll",
            ["train", data, "--epochs", "1", "--batch", "8", "--ranks", $"{ranks}", "--output", _folder["run"]],
            [
                new("LAMINA_MPIRUN", "mpirun.openmpi"),
                new("OMPI_ALLOW_RUN_AS_ROOT", "1"),
                new("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
            ]
        );
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal("finished", Record(_folder["run"])["status"]!.GetValue<string>());
    }

    private static JsonNode Record(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!;

    private static string[] Names(string run) =>
        [.. Directory.EnumerateFiles(run).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static double[] Losses(string run)
    {
        string[] lines = File.ReadAllLines(Path.Combine(run, "history.csv"));
        int column = Array.IndexOf(lines[0].Split(','), "loss");
        return
        [
            .. lines
                .Skip(1)
                .Select(l => double.Parse(l.Split(',')[column], System.Globalization.CultureInfo.InvariantCulture)),
        ];
    }
}
