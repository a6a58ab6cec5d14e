using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Cli.Tests.Resuming;

namespace Lamina.Cli.Tests;

/// <summary>The pack command, and training on what it writes.</summary>
public sealed class PackTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("--raw")]
    public void Packed_parts_are_described_trained_on_and_evaluated(string option)
    {
        _folder.WriteImages("photos/train", perClass: 8);
        _folder.WriteImages("photos/val", perClass: 3);
        File.WriteAllText(_folder["photos/train/dark/bad.png"], "no image");
        string packed = _folder["packed"];
        string[] options = ["--side", "24", "--images-per-shard", "10", .. option.Length > 0 ? [option] : (string[])[]];
        Outcome outcome = Alexnet.Run(["pack", _folder["photos"], packed, .. options]);
        Assert.Equal(0, outcome.Code);
        Assert.Equal(
            $"skipped {_folder["photos/train/dark/bad.png"]}: is not an image that can be read (JPEG, PNG, WebP, BMP or GIF).",
            outcome.ErrorLine
        );
        long bytes = Directory.EnumerateFiles(packed, "*.tar").Sum(f => new FileInfo(f).Length);
        string size = (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);
        Assert.Equal(
            $"found train/, val/ in {_folder["photos"]}\npacked       22 images\nskipped      1\nshards       3\nsize         {size} MB\nfolder       {packed}\n",
            outcome.Output
        );
        JsonNode data = JsonNode.Parse(Alexnet.Run("data", packed, "--json", "--output", _folder["s.png"]).Output)!;
        Assert.Equal([8, 8], data["parts"]!["train"]!["per_class"]!.AsArray().Select(c => c!.GetValue<int>()));
        Assert.Equal([3, 3], data["parts"]!["validation"]!["per_class"]!.AsArray().Select(c => c!.GetValue<int>()));
        Assert.Equal(option == "--raw" ? 24 : 16, data["height"]!["median"]!.GetValue<int>());
        Assert.Empty(data["unreadable"]!.AsArray());
        Outcome trained = Alexnet.Run("train", packed, "--epochs", "1", "--batch", "4", "--output", _folder["run"]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("16 images to train on, 6 to test on, 2 classes", trained.Output, StringComparison.Ordinal);
        Outcome evaluated = Alexnet.Run("evaluate", _folder["run"], _folder["photos/val"], "--json");
        Assert.Equal(6, JsonNode.Parse(evaluated.Output)!["images"]!.GetValue<int>());
    }

    [Fact]
    public void Killed_again_and_again_it_ends_with_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SIGKILL is not Windows's.");
        int kills = Repetitions.Of("LAMINA_KILLS", 3);
        _folder.WriteImages("photos", perClass: 120);
        string[] args = ["pack", _folder["photos"], "", "--side", "8", "--images-per-shard", "20"];
        args[2] = _folder["whole"];
        Assert.Equal(0, Alexnet.Run(args).Code);
        args[2] = _folder["killed"];
        var random = new Random(7);
        int killed = 0;
        int between = 0;
        while (killed < kills)
        {
            using Process process = Alexnet.Start(args);
            int wanted = random.Next(1, 11);
            SpinWait.SpinUntil(() => Tars().Length >= wanted || process.HasExited, TimeSpan.FromMinutes(1));
            if (process.HasExited)
            {
                // All shards were there before this call was killed: the next chain begins.
                Directory.Delete(args[2], recursive: true);
                continue;
            }
            Thread.Sleep(random.Next(5));
            process.Kill();
            process.WaitForExit();
            killed++;
            between += Tars().Length is > 0 and < 12 ? 1 : 0;
        }
        Outcome outcome = Alexnet.Run(args);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Equal(Content(_folder["whole"]), Content(_folder["killed"]));
        Assert.True(between > 0, "no kill was in the middle");

        string[] Tars() => Directory.Exists(args[2]) ? Directory.GetFiles(args[2], "train-*.tar") : [];
    }

    [Fact]
    public void An_interrupt_keeps_finished_shards()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are not Windows's.");
        _folder.WriteImages("photos", perClass: 300);
        string packed = _folder["packed"];
        string[] args = ["pack", _folder["photos"], packed, "--side", "8", "--images-per-shard", "20"];
        using Process process = Alexnet.Start(args);
        SpinWait.SpinUntil(
            () => process.HasExited || (Directory.Exists(packed) && Directory.GetFiles(packed, "*.tar").Length > 3),
            TimeSpan.FromMinutes(1)
        );
        Alexnet.Signal(process, "INT");
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(130, outcome.Code);
        Assert.Equal(
            "alexnet: interrupted: stopping. Finished shards are kept; the same command packs the rest.\nalexnet: interrupted.\n",
            outcome.Error
        );
        Assert.Empty(Directory.GetFiles(packed, "*.tmp"));
        Outcome train = Alexnet.Run("train", packed, "--epochs", "1", "--output", _folder["run"]);
        Assert.Equal(1, train.Code);
        Assert.Contains("is packed in part only: ", train.ErrorLine, StringComparison.Ordinal);
        Outcome rest = Alexnet.Run(args);
        Assert.Equal((0, ""), (rest.Code, rest.Error));
        Assert.Contains(" of them kept\n", rest.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_system_that_refuses_is_one_line_and_leaves_no_partial_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sets a limit by the shell.");
        _folder.WriteImages("photos", perClass: 50);
        string packed = _folder["packed"];
        // 32 blocks of 512 bytes: the first shard does not fit.
        string command =
            $"trap '' XFSZ; ulimit -f 32; exec dotnet '{Alexnet.Assembly}' pack '{_folder["photos"]}' '{packed}' --raw --side 32";
        // The runtime maps its code twice by a large file, which the limit refuses too.
        KeyValuePair<string, string>[] variables = [new("DOTNET_EnableWriteXorExecute", "0")];
        using Process process = Alexnet.StartWith(variables, "sh", ["-c", command]);
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            $"{packed}/train-000000.tar: cannot be written: the file is too large for its file system or limit.",
            outcome.ErrorLine
        );
        Assert.Equal(
            ["classes.txt", "pack.json"],
            Directory.GetFiles(packed).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_missing_source_and_a_folder_of_others_are_one_line()
    {
        Outcome outcome = Alexnet.Run("pack", _folder["missing"], _folder["packed"]);
        Assert.Equal((1, $"{_folder["missing"]}: no such folder."), (outcome.Code, outcome.ErrorLine));
        Assert.False(Directory.Exists(_folder["packed"]));
        _folder.WriteImages("photos", perClass: 1);
        outcome = Alexnet.Run("pack", _folder["photos"], _folder["photos"]);
        Assert.Equal(1, outcome.Code);
        Assert.Contains("is not empty and has no pack.json", outcome.ErrorLine, StringComparison.Ordinal);
        File.WriteAllText(_folder["file"], "");
        outcome = Alexnet.Run("pack", _folder["photos"], _folder["file"]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{_folder["file"]}: ", outcome.ErrorLine, StringComparison.Ordinal);
    }

    private static string[] Content(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder)
                .Where(f => !f.EndsWith(".lamina-index", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(File.ReadAllBytes(f))}"),
        ];
}
