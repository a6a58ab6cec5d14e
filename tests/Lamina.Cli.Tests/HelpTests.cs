namespace Lamina.Cli.Tests;

/// <summary>Help, version and summaries, held against files.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("train")]
    [InlineData("tune")]
    [InlineData("evaluate")]
    [InlineData("predict")]
    [InlineData("explain")]
    [InlineData("neighbors")]
    [InlineData("label")]
    [InlineData("filters")]
    [InlineData("calibrate")]
    [InlineData("map")]
    [InlineData("attack")]
    [InlineData("quantize")]
    [InlineData("summary")]
    [InlineData("plot")]
    [InlineData("compare")]
    [InlineData("profile")]
    [InlineData("devices")]
    [InlineData("serve")]
    [InlineData("export-page")]
    [InlineData("inspect")]
    [InlineData("convert")]
    [InlineData("recipes")]
    [InlineData("data")]
    [InlineData("pack")]
    [InlineData("pretrained")]
    [InlineData("completion")]
    public void Help_shows_options_and_examples(string command)
    {
        Outcome outcome = Alexnet.Run(command.Length > 0 ? [command, "--help"] : ["--help"]);
        Assert.Equal(0, outcome.Code);
        Assert.Equal("", outcome.Error);
        string text = string.Join('\n', outcome.Output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd()));
        // The usage line names the process, which is the tests'.
        text = text.Replace("Lamina.Cli.Tests", "alexnet", StringComparison.Ordinal);
        Golden.Equal($"help{(command.Length > 0 ? "-" : "")}{command}.txt", text);
    }

    [Fact]
    public void Version_is_one_line()
    {
        Outcome outcome = Alexnet.Run("--version");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Matches(@"^alexnet \d+\.\d+\.\d+\r?\n$", outcome.Output);
    }

    [Fact]
    public void The_second_summary_of_a_process_is_the_seeds_text()
    {
        Outcome outcome = Alexnet.Finish(Alexnet.Start("summary", "walkthrough", "listing"));
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string seed = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "seed-summary.txt"));
        Assert.EndsWith(seed, outcome.Output, StringComparison.Ordinal);
        string first = outcome.Output[..^seed.Length];
        Assert.StartsWith("Model: \"model\"\n", first, StringComparison.Ordinal);
        Assert.Contains("Total params: 62,380,776\n", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_takes_classes_and_input()
    {
        Outcome outcome = Alexnet.Run(
            "summary",
            "walkthrough",
            "--classes",
            "10",
            "--input",
            "64",
            "--style",
            "keras3"
        );
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Golden.Equal("summary-keras3.txt", outcome.Output);
    }

    [Theory]
    [InlineData("summary walkthrough listing")]
    [InlineData("compare")]
    [InlineData("plot listing -o FOLDER/m.svg")]
    [InlineData("plot listing -o FOLDER/m.dot")]
    [InlineData("inspect FOLDER/small.lamina")]
    [InlineData("convert FOLDER/small.lamina FOLDER/small.safetensors")]
    public void Looking_at_a_model_loads_no_native_library(string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks glibc's loader what it loads.");
        using var folder = new TempFolder();
        ModelFile.Save(Transfer.ClothesData.Network(2, seed: 1), folder["small.lamina"]);
        string log = folder["loader"];
        string[] args = command.Replace("FOLDER", folder.Root, StringComparison.Ordinal).Split(' ');
        using System.Diagnostics.Process process = Alexnet.StartFile(
            "env",
            ["LD_DEBUG=files", $"LD_DEBUG_OUTPUT={log}", "dotnet", Alexnet.Assembly, .. args]
        );
        Assert.Equal(0, Alexnet.Finish(process).Code);
        string loaded = string.Concat(Directory.GetFiles(folder.Root, "loader*").Select(File.ReadAllText));
        Assert.Contains("libcoreclr", loaded, StringComparison.Ordinal);
        foreach (string library in (string[])["torch", "libc10", "gomp", "Skia", "HarfBuzz"])
        {
            Assert.DoesNotContain(library, loaded, StringComparison.OrdinalIgnoreCase);
        }
    }
}
