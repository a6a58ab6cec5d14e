using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests.Resuming;

/// <summary>The terminal of a training is closed.</summary>
public sealed class HangupTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hangup_ends_a_training_as_termination_does()
    {
        string run = _folder["run"];
        using Process process = StartFile("env", ["--default-signal=HUP", .. Training(run)]);
        WaitForCheckpoint(run, process);
        Send(process, "-HUP");
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(130, outcome.Code);
        Assert.StartsWith("interrupted", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains($"Resume with:  alexnet train --resume {run}\n", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("interrupted", StatusOf(run));
    }

    [Fact]
    public void Under_nohup_a_training_goes_on()
    {
        string run = _folder["run"];
        using Process process = StartFile("nohup", Training(run));
        WaitForCheckpoint(run, process);
        for (int i = 0; i < 3; i++)
        {
            Send(process, "-HUP");
        }
        string before = NewestOf(run);
        WaitFor(() => NewestOf(run) != before, process);
        Send(process, "-TERM");
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(130, outcome.Code);
        Assert.Equal("interrupted", StatusOf(run));
    }

    [Fact]
    public void A_training_saves_when_its_terminal_disappears()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "needs script, which makes terminals.");
        string run = _folder["run"];
        string command = string.Join(' ', Training(run).Select(a => $"'{a}'"));
        using Process terminal = StartFile(
            "/usr/bin/script",
            ["-qc", $"echo $$ > '{_folder["pid"]}'; exec env --default-signal=HUP {command}", "/dev/null"]
        );
        WaitForCheckpoint(run, terminal);
        using var training = Process.GetProcessById(int.Parse(File.ReadAllText(_folder["pid"]), null));
        // The kernel closes the terminal, tells the training so, and fails what it writes from now on.
        terminal.Kill();
        Assert.True(training.WaitForExit(TimeSpan.FromMinutes(1)), "The training goes on without a terminal.");
        Assert.Equal("interrupted", StatusOf(run));
        Assert.NotEmpty(NewestOf(run));
    }

    private string[] Training(string run) =>
        [
            "dotnet",
            Alexnet.Assembly,
            "train",
            _folder.WriteImages("data", perClass: 20),
            "--epochs",
            "10000",
            "--batch",
            "8",
            "--output",
            run,
            "--checkpoint-every",
            "1",
        ];

    private static Process StartFile(string file, string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends POSIX signals, and resets them as Linux's env does.");
        return Alexnet.StartFile(file, args);
    }

    private static void WaitForCheckpoint(string run, Process process) => WaitFor(() => NewestOf(run) != "", process);

    private static void WaitFor(Func<bool> condition, Process process) =>
        Assert.True(SpinWait.SpinUntil(() => process.HasExited || condition(), 60_000) && !process.HasExited);

    private static void Send(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [signal, $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static string NewestOf(string run)
    {
        string folder = Path.Combine(run, "checkpoints");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.lamina").Order().LastOrDefault("") : "";
    }

    private static string StatusOf(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!["status"]!.GetValue<string>();
}
