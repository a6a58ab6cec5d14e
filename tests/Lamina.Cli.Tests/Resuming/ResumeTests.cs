using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests.Resuming;

/// <summary>The program: what is interrupted goes on to the same bytes, and what cannot go on says why.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Interrupted_and_killed_and_gone_on_with_it_ends_with_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends POSIX signals.");
        string data = _folder.WriteImages("data", perClass: 20);
        string run = _folder["run"];
        string[] training =
        [
            .. "train --epochs 2 --batch 8 --threads 2 --seed 5 --mixup 0.4 --cutmix 1 --erase 0.5 --rotate 15".Split(
                ' '
            ),
            data,
        ];
        Outcome whole = Alexnet.Run([.. training, "--output", _folder["whole"]]);
        Assert.Equal(0, whole.Code);

        // An interrupt after the first step of which there is word. Memory is saved, which changes no bits, and stays so.
        using (
            Process process = Alexnet.Start([
                .. training,
                "--recompute",
                "--output",
                run,
                "--checkpoint-every",
                "1",
                "--keep",
                "2",
            ])
        )
        {
            WaitFor(() => Checkpoints(run).Length > 0, process);
            Alexnet.Signal(process, "TERM");
            Outcome outcome = Alexnet.Finish(process);
            Assert.Equal(130, outcome.Code);
            Assert.StartsWith("interrupted", outcome.ErrorLine, StringComparison.Ordinal);
            Assert.Contains($"Resume with:  alexnet train --resume {run}\n", outcome.Output, StringComparison.Ordinal);
            Assert.Equal("interrupted", Record(run)["status"]!.GetValue<string>());
        }
        // A kill while the next one saves; a second process is refused meanwhile.
        using (Process process = Alexnet.Start("train", "--resume", run))
        {
            string[] before = Checkpoints(run);
            WaitFor(() => Record(run)["status"]!.GetValue<string>() == "running", process);
            Outcome second = Alexnet.Run("train", "--resume", run);
            Assert.Equal(1, second.Code);
            Assert.Equal($"{run}: another process is using this run. Wait for it, or stop it.", second.ErrorLine);
            WaitFor(() => !Checkpoints(run).SequenceEqual(before), process);
            process.Kill();
            process.WaitForExit();
        }
        Outcome resumed = Alexnet.Run("train", "--resume", run, "--workers", "0");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.True(Record(run)["settings"]!["recompute"]!.GetValue<bool>());
        Assert.Matches(@"\nmemory [\d,]+ MB per step at most with recomputed activations; ", resumed.Output);
        Assert.Matches(@"going on (in epoch \d of 2, after \d of its steps|after the last epoch)", resumed.Output);

        foreach (
            string file in (string[])["model/weights.safetensors", "model/optimizer.safetensors", "model/metadata.json"]
        )
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder["whole"], file)),
                File.ReadAllBytes(Path.Combine(run, file))
            );
        }
        Assert.Equal(History(_folder["whole"]), History(run));
        Assert.True(JsonNode.DeepEquals(Record(_folder["whole"])["result"], Record(run)["result"]));
        Assert.Equal(2, Checkpoints(run).Length);
        Assert.False(File.Exists(Path.Combine(run, ".lock")));

        Outcome again = Alexnet.Run("train", "--resume", run);
        Assert.Equal((0, $"{run}: the run is already finished.\n"), (again.Code, again.Output));
        // A checkpoint is a model like any other.
        Assert.Equal(0, Alexnet.Run("evaluate", Checkpoints(run)[^1]).Code);
    }

    [Fact]
    public void A_second_interrupt_ends_at_once_and_what_was_saved_is_whole()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends POSIX signals.");
        string data = _folder.WriteImages("data", perClass: 20);
        string run = _folder["run"];
        using Process process = Alexnet.Start(
            "train",
            data,
            "--epochs",
            "10000",
            "--batch",
            "8",
            "--output",
            run,
            "--checkpoint-every",
            "1"
        );
        WaitFor(() => Checkpoints(run).Length > 0, process);
        Alexnet.Signal(process, "INT");
        Alexnet.Signal(process, "INT");
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(130, outcome.Code);
        string newest = Checkpoints(run)[^1];
        Assert.NotEmpty(ModelFile.Load(newest).OptimizerState);
    }

    [Fact]
    public void What_cannot_go_on_says_why()
    {
        string data = _folder.WriteImages("data", perClass: 6);
        string run = _folder["run"];
        using var stop = new CancellationTokenSource();
        Outcome outcome = Run(stop, "train", data, "--epochs", "1", "--batch", "4", "--output", run, "--keep", "0");
        Assert.Equal(130, outcome.Code);

        string missing = _folder["nothing"];
        Refused(missing, $"{missing}: is not a run that can be resumed: it contains no run.json. Name a run folder.");
        string image = Path.Combine(data, "dark", "0.png");
        byte[] bytes = File.ReadAllBytes(image);
        File.WriteAllBytes(image, File.ReadAllBytes(Path.Combine(data, "light", "0.png")));
        Outcome changed = Alexnet.Run("train", "--resume", run);
        Assert.Equal(1, changed.Code);
        Assert.Matches(
            @"the (training|test) data has changed since the run began \(still \d+ images, but not the same; .*\)\. Restore it, or begin a new run\.$",
            changed.ErrorLine
        );
        File.Delete(image);
        Assert.Matches(
            @"data has changed since the run began \(\d+ images then, \d+ now",
            Alexnet.Run("train", "--resume", run).ErrorLine
        );
        File.WriteAllBytes(image, bytes);

        Outcome resumed = Alexnet.Run("train", "--resume", run);
        Assert.Equal(0, resumed.Code);
        Assert.Contains("there is no checkpoint yet: from the beginning\n", resumed.Output, StringComparison.Ordinal);
        // As --keep 0 says, nothing is left of them.
        Assert.Empty(Checkpoints(run));
        File.WriteAllText(Path.Combine(run, "run.json"), "{}");
        Assert.StartsWith(
            $"{Path.Combine(run, "run.json")}: is damaged",
            Alexnet.Run("train", "--resume", run).ErrorLine,
            StringComparison.Ordinal
        );

        void Refused(string path, string message)
        {
            Outcome refused = Alexnet.Run("train", "--resume", path);
            Assert.Equal((1, message), (refused.Code, refused.ErrorLine));
        }
    }

    [Theory]
    [InlineData("--model paper", "--model")]
    [InlineData("--epochs 9", "--epochs (the learning rate schedule depends on it)")]
    [InlineData("--threads 1", "--threads")]
    [InlineData("--mixup 0.2", "--mixup")]
    [InlineData("--erase 0", "--erase")]
    [InlineData("data", "the folder data")]
    public void What_contradicts_the_run_is_refused(string args, string named)
    {
        Outcome outcome = Alexnet.Run(["train", "--resume", "run", .. args.Split(' ')]);
        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            $"--resume uses the run's saved settings: remove {named}. See: alexnet train --help",
            outcome.ErrorLine
        );
    }

    [Fact]
    public void A_loss_that_is_not_finite_says_where_and_what_is_left()
    {
        string data = _folder.WriteImages("data", perClass: 20);
        string run = _folder["run"];
        Outcome outcome = Alexnet.Run(
            "train",
            data,
            "--batch",
            "4",
            "--lr",
            "1000",
            "--output",
            run,
            "--checkpoint-every",
            "1"
        );
        Assert.Equal(1, outcome.Code);
        Assert.Matches(
            @"(The loss became (NaN|-?Infinity) in epoch 1 of 12, batch \d+ of 8 \(step \d+\)|is not finite after \d+ steps).*The last good checkpoint is .*step-\d{8}\.lamina; begin a new run with a smaller learning rate\.$",
            outcome.ErrorLine
        );
        Assert.Equal("failed", Record(run)["status"]!.GetValue<string>());
        Model last = ModelFile.Load(Checkpoints(run)[^1]).Model;
        Assert.All(last.Weights, w => Assert.All(w.GetValues().Take(1000), v => Assert.True(float.IsFinite(v))));
    }

    [Fact]
    public void A_full_disk_is_one_line_and_the_checkpoint_before_is_whole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit -f is as bash on Linux has it.");
        string data = _folder.WriteImages("data", perClass: 8);
        string run = _folder["run"];
        // A limit on the size of files, below a checkpoint's, stands for a disk that is too small.
        string command =
            $"trap '' XFSZ; ulimit -f 20000; exec dotnet '{Alexnet.Assembly}' train '{data}' --epochs 2 --batch 4 --output '{run}'";
        using Process process = Alexnet.StartFile("bash", "-c", command);
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(1, outcome.Code);
        Assert.Matches(@"step-\d{8}\.lamina: cannot be written: the file is too large", outcome.ErrorLine);
        Assert.Empty(Checkpoints(run));
        Assert.Empty(Directory.GetFiles(Path.Combine(run, "checkpoints")));
        Assert.Equal("failed", Record(run)["status"]!.GetValue<string>());
    }

    /// <summary>Runs the program and interrupts it when it begins to train.</summary>
    private static Outcome Run(CancellationTokenSource stop, params string[] args)
    {
        Session.Clear();
        using var output = new StopAtRecipe(stop);
        using var error = new StringWriter { NewLine = "\n" };
        int code = Program.Run(args, new Terminal(output, error, interrupt: stop.Token));
        return new Outcome(code, output.ToString(), error.ToString());
    }

    private sealed class StopAtRecipe(CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains("recipe", StringComparison.Ordinal) == true)
            {
                stop.Cancel();
            }
        }
    }

    private static void WaitFor(Func<bool> condition, Process process)
    {
        while (!condition())
        {
            Assert.False(process.HasExited, "The program ended too early.");
            Thread.Sleep(5);
        }
    }

    private static string[] Checkpoints(string run)
    {
        string folder = Path.Combine(run, "checkpoints");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "step-*").Order(StringComparer.Ordinal)] : [];
    }

    private static JsonObject Record(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!.AsObject();

    // The last two columns are times.
    private static IEnumerable<string> History(string run) =>
        File.ReadLines(Path.Combine(run, "history.csv")).Select(l => string.Join(',', l.Split(',')[..^2]));
}
