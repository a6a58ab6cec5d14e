using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests.Resuming;

/// <summary>
/// INT, TERM and HUP at random moments of a training: it ends in order, and never by a fault. LAMINA_INTERRUPTIONS says how
/// many trainings.
/// </summary>
public sealed class InterruptTests : IDisposable
{
    private static readonly (string Name, int Number)[] s_signals = [("INT", 2), ("TERM", 15), ("HUP", 1)];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_that_is_interrupted_ends_in_order()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends POSIX signals, and resets them as Linux's env does.");
        int count = Repetitions.Of("LAMINA_INTERRUPTIONS", 6);
        string data = _folder.WriteImages("data", perClass: 20);
        var random = new Random(1);
        List<string> wrong = [];
        int training = 0;
        for (int i = 0; i < count; i++)
        {
            string run = _folder["run"];
            (string name, int number) = s_signals[i % s_signals.Length];
            using Process process = Start(data, run, 1 + (i % 2));
            bool isEarly = i % 6 == 5;
            if (!isEarly)
            {
                SpinWait.SpinUntil(() => process.HasExited || HasCheckpoint(run), 60_000);
            }
            Thread.Sleep(random.Next(isEarly ? 1500 : 400));
            Process.Start("kill", [$"-{name}", $"{process.Id}"]).WaitForExit();
            Outcome outcome = Alexnet.Finish(process);
            string status = StatusOf(run);
            training += status == "interrupted" ? 1 : 0;
            // While the program starts, the runtime ends it as the system would.
            if (!(outcome.Code == 130 && status == "interrupted") && !(isEarly && outcome.Code == 128 + number))
            {
                wrong.Add($"{i}: {name} ended with {outcome.Code}, {status}: {outcome.Error}");
            }
            if (Directory.Exists(run))
            {
                Directory.Delete(run, recursive: true);
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{count} interrupted, {training} while they trained, {wrong.Count} wrong."
        );
        Assert.Empty(wrong);
        Assert.True(training >= count / 2, $"Only {training} of {count} had begun to train.");
    }

    private static Process Start(string data, string run, int threads) =>
        Alexnet.StartFile(
            "env",
            [
                "--default-signal=INT,TERM,HUP",
                "OMP_WAIT_POLICY=passive",
                "dotnet",
                Alexnet.Assembly,
                "train",
                data,
                "--epochs",
                "10000",
                "--batch",
                "8",
                "--threads",
                $"{threads}",
                "--output",
                run,
                "--checkpoint-every",
                "1",
            ]
        );

    private static bool HasCheckpoint(string run)
    {
        string folder = Path.Combine(run, "checkpoints");
        return Directory.Exists(folder) && Directory.EnumerateFiles(folder, "step-*").Any();
    }

    private static string StatusOf(string run)
    {
        string file = Path.Combine(run, "run.json");
        return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))!["status"]!.GetValue<string>() : "no run";
    }
}
