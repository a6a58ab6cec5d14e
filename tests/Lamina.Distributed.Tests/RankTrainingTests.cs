using System.Runtime.InteropServices;

namespace Lamina.Distributed.Tests;

/// <summary>Trainings on several ranks: equal bits on all ranks, and the values of one process.</summary>
public sealed class RankTrainingTests : IDisposable
{
    // Sums over ranks are rounded in another order than in one process.
    private const double Tolerance = 2e-4;

    private readonly TempFolder _folder = new();

    public static TheoryData<string, int, string> Jobs =>
        new()
        {
            { "mpirun.openmpi", 2, "sgd" },
            { "mpirun.openmpi", 4, "sync average" },
            { "mpirun.openmpi", 3, "adam" },
            { "mpirun.mpich", 2, "sync" },
            { "mpirun.mpich", 4, "sgd" },
        };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Launcher.All), MemberType = typeof(Launcher))]
    public void Sums_are_those_of_their_definition(string launcher)
    {
        Launcher.Require(launcher);
        foreach (int ranks in (int[])[2, 4])
        {
            Outcome outcome = Launcher.Run(launcher, ranks, "sums", "none");
            Assert.True(outcome.Code == 0, outcome.Error);
            Assert.Equal($"{ranks} ranks: right\n", outcome.Output);
        }
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Ranks_compute_what_one_process_computes(string launcher, int ranks, string settings)
    {
        Launcher.Require(launcher);
        string[] options = settings.Split(' ');
        Assert.Equal(0, Launcher.RunAlone(["train", _folder["alone"], .. options]).Code);
        Outcome outcome = Launcher.Run(launcher, ranks, ["train", _folder["ranks"], .. options]);
        Assert.True(outcome.Code == 0, outcome.Error);

        byte[] first = AssertEqualBits(_folder["ranks"], ranks);
        float[] values = MemoryMarshal.Cast<byte, float>(first).ToArray();
        float[] alone = Floats(_folder["alone"]);
        Assert.Equal(alone.Length, values.Length);
        double most = values.Zip(alone, (a, b) => Math.Abs(a - b) / (1 + Math.Abs(b))).Max();
        TestContext.Current.TestOutputHelper?.WriteLine($"most: {most}");
        Assert.InRange(most, 0, Tolerance);
        AssertSameHistory(History(_folder["alone"]), History(_folder["ranks"]));
        // Lines of one rank.
        Assert.Equal(18, outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Gradients_in_bfloat16_train_as_well()
    {
        Launcher.Require("mpirun.openmpi");
        foreach (string type in (string[])["float32", "bfloat16"])
        {
            Outcome outcome = Launcher.Run("mpirun.openmpi", 2, "train", _folder[type], "adam", "epochs=12", type);
            Assert.True(outcome.Code == 0, outcome.Error);
        }
        byte[] rounded = AssertEqualBits(_folder["bfloat16"], 2);
        Assert.NotEqual(rounded, AssertEqualBits(_folder["float32"], 2));
        (double exact, double near) = (LastLoss("float32"), LastLoss("bfloat16"));
        TestContext.Current.TestOutputHelper?.WriteLine($"validation loss {exact} with float32, {near} with bfloat16");
        // An untrained network's is about ln 4.
        Assert.InRange(exact, 0, 0.1);
        Assert.Equal(exact, near, 0.03);

        double LastLoss(string type) =>
            double.Parse(
                History(_folder[type]).Last(l => l.Split(' ')[1] == "val_loss").Split(' ')[2],
                System.Globalization.CultureInfo.InvariantCulture
            );
    }

    [Fact]
    public void A_repeated_run_has_the_same_bytes()
    {
        Launcher.Require("mpirun.openmpi");
        foreach (string name in (string[])["first", "second"])
        {
            Outcome outcome = Launcher.Run("mpirun.openmpi", 2, "train", _folder[name], "norm");
            Assert.True(outcome.Code == 0, outcome.Error);
        }
        Assert.Equal(AssertEqualBits(_folder["first"], 2), AssertEqualBits(_folder["second"], 2));
        Assert.Equal(History(_folder["first"]), History(_folder["second"]));
    }

    [Fact]
    public void A_run_resumes_exactly_and_with_another_number_of_ranks()
    {
        Launcher.Require("mpirun.openmpi");
        Assert.Equal(0, Launcher.Run("mpirun.openmpi", 2, "train", _folder["whole"], "sync").Code);
        // Stopped in the middle of the second epoch, on the request of all ranks after the same step.
        Assert.Equal(130, Launcher.Run("mpirun.openmpi", 2, "train", _folder["parts"], "sync", "stop=9").Code);
        CopyFolder(_folder["parts"], _folder["others"]);
        Assert.Equal(0, Launcher.Run("mpirun.openmpi", 2, "train", _folder["parts"], "sync").Code);
        Assert.Equal(AssertEqualBits(_folder["whole"], 2), AssertEqualBits(_folder["parts"], 2));
        Assert.Equal(History(_folder["whole"]), History(_folder["parts"]));

        Assert.Equal(0, Launcher.Run("mpirun.openmpi", 3, "train", _folder["others"], "sync").Code);
        _ = AssertEqualBits(_folder["others"], 3);
        double most = Floats(_folder["whole"])
            .Zip(Floats(_folder["others"]), (a, b) => Math.Abs(a - b) / (1 + Math.Abs(b)))
            .Max();
        Assert.InRange(most, 0, Tolerance);
        AssertSameHistory(History(_folder["whole"]), History(_folder["others"]));
    }

    [Fact]
    public void A_rank_whose_weights_differ_is_named()
    {
        Launcher.Require("mpirun.openmpi");
        Outcome outcome = Launcher.Run("mpirun.openmpi", 3, "train", _folder["out"], "sgd", "flip=2");
        Assert.NotEqual(0, outcome.Code);
        string line = Assert.Single(outcome.OwnLines);
        Assert.StartsWith("rank 2 (", line, StringComparison.Ordinal);
        Assert.Contains("its weights differ from the other ranks' after step 4.", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_finite_on_one_rank_ends_all()
    {
        Launcher.Require("mpirun.openmpi");
        Outcome outcome = Launcher.Run("mpirun.openmpi", 2, "train", _folder["out"], "sgd", "nan=1");
        Assert.Equal(1, outcome.Code);
        Assert.Single(
            outcome.Error.Split('\n'),
            l => l.StartsWith("The loss became NaN in epoch 1 of 3, batch 1 of 6", StringComparison.Ordinal)
        );
    }

    private static byte[] AssertEqualBits(string folder, int ranks)
    {
        byte[] first = File.ReadAllBytes(Path.Combine(folder, "rank0.values"));
        Assert.True(first.Length > 1000);
        for (int rank = 1; rank < ranks; rank++)
        {
            Assert.Equal(first, File.ReadAllBytes(Path.Combine(folder, $"rank{rank}.values")));
            Assert.Equal(History(folder), File.ReadAllLines(Path.Combine(folder, $"rank{rank}.history")));
        }
        return first;
    }

    private static void AssertSameHistory(string[] expected, string[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach ((string e, string a) in expected.Zip(actual))
        {
            (string[] then, string[] now) = (e.Split(' '), a.Split(' '));
            Assert.Equal(then[..2], now[..2]);
            Assert.Equal(Number(then[2]), Number(now[2]), Tolerance);
        }

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static float[] Floats(string folder) =>
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "rank0.values"))).ToArray();

    private static string[] History(string folder) => File.ReadAllLines(Path.Combine(folder, "rank0.history"));

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
