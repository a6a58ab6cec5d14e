using System.CommandLine;

namespace Lamina.Cli.Tests;

/// <summary>Every option of every command with values that make no sense: one line, of this program's own.</summary>
public sealed class ErrorTextTests : IDisposable
{
    private static readonly string[] s_leaks =
    [
        "System.",
        "Object reference",
        "Exception",
        "   at ",
        "Parameter '",
        "LineNumber",
        "unexpected",
        "Argument '",
        "not recognized",
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Each command with arguments with which it would begin to work, were the last not a file that is missing.</summary>
    public static TheoryData<string> Commands =>
        [
            "train NOWHERE",
            "train --resume NOWHERE",
            "evaluate MODEL NOWHERE",
            "predict MODEL NOWHERE",
            "quantize MODEL --calibrate NOWHERE",
            "summary NOWHERE",
            "plot NOWHERE",
            "compare NOWHERE",
            "profile NOWHERE",
            "inspect NOWHERE",
            "convert MODEL NOWHERE/x.onnx",
            "recipes nowhere",
            "completion nowhere",
        ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void No_value_of_any_option_leaks_a_text_of_dotnet(string text)
    {
        string[] command = Arguments(text);
        foreach (Option flag in OptionsOf(command[0], areFlags: true))
        {
            AssertOurs($"{text} {flag.Name} twice", Alexnet.Run([.. command, flag.Name, flag.Name]));
            AssertOurs($"{text} {flag.Name}=maybe", Alexnet.Run([.. command, $"{flag.Name}=maybe"]));
        }
        foreach (Option option in OptionsOf(command[0], areFlags: false))
        {
            foreach (string value in Values())
            {
                string[] args = [.. command, option.Name, value];
                Outcome outcome = Alexnet.Run(args);
                string given = string.Join(' ', args);
                Assert.True(outcome.Code is 1 or 2, $"{given}: exit code {outcome.Code}");
                AssertOurs(given, outcome);
            }
            AssertOurs($"{text} {option.Name}", Alexnet.Run([.. command, option.Name]));
        }
    }

    [Theory]
    [InlineData("train FOLDER", "has no class folders")]
    [InlineData("train FILE", "is a file. Use a folder with one subfolder of images per class.")]
    [InlineData("train EMPTY", "has no class folders")]
    [InlineData("train --recipe FOLDER", "or an existing file")]
    [InlineData("train --recipe FILE", "is not valid JSON")]
    [InlineData("train --weights FOLDER", "")]
    [InlineData("train --weights FILE", "")]
    [InlineData("train --resume FILE", "is not a run that can be resumed")]
    [InlineData("evaluate FOLDER", "")]
    [InlineData("evaluate FILE", "")]
    [InlineData("evaluate MODEL FILE", "is a file")]
    [InlineData("evaluate MODEL", "small.lamina: is not a run, so its data is unknown")]
    [InlineData("predict FOLDER FILE", "")]
    [InlineData("predict FILE FILE", "")]
    [InlineData("predict MODEL FILE", "is not an image that can be read")]
    [InlineData("predict MODEL EMPTY", "has no images")]
    [InlineData("predict MODEL FILE --classes-from EMPTY", "is a folder. Use a text file.")]
    [InlineData("predict MODEL FILE --preprocessing FILE", "")]
    [InlineData("predict MODEL FILE --preprocessing EMPTY", "or an existing file")]
    [InlineData("quantize MODEL --calibrate FILE", "is a file. Use a folder of images.")]
    [InlineData("quantize FILE", "")]
    [InlineData("summary FOLDER", "")]
    [InlineData("summary FILE", "")]
    [InlineData("plot walkthrough -o EMPTY/x.bmp", "")]
    [InlineData("plot walkthrough -o EMPTY", "")]
    [InlineData("plot walkthrough -o NOWHERE/x.png", "")]
    [InlineData("profile walkthrough --picture EMPTY", "is neither a .png nor an .svg")]
    [InlineData("profile walkthrough --json EMPTY", "is a folder")]
    [InlineData("profile walkthrough --json NOWHERE/x.json", "does not exist. Create it")]
    [InlineData("inspect FOLDER", "")]
    [InlineData("inspect FILE", "")]
    [InlineData("convert MODEL EMPTY/x.unknown", "unknown extension")]
    [InlineData("convert MODEL FILE", "")]
    [InlineData("convert FILE EMPTY/x.onnx", "")]
    public void A_wrong_kind_of_file_is_named(string text, string part)
    {
        string[] args = Arguments(text);
        Outcome outcome = Alexnet.Run(args);
        Assert.True(outcome.Code is 1 or 2, $"{text}: exit code {outcome.Code}");
        AssertOurs(text, outcome);
        Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("", outcome.Output);
    }

    private static void AssertOurs(string given, Outcome outcome)
    {
        string[] lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // --verbose and --timings write more, but no more errors.
        string error = Assert.Single(lines, l => l.StartsWith("alexnet: ", StringComparison.Ordinal));
        Assert.True(
            lines.Length == 1 || given.Contains("--verbose") || given.Contains("--timings"),
            $"{given}: {outcome.Error}"
        );
        foreach (string leak in s_leaks)
        {
            Assert.False(error.Contains(leak, StringComparison.Ordinal), $"{given}: {error}");
        }
    }

    private string[] Arguments(string text)
    {
        File.WriteAllText(_folder["file.txt"], "{ some words\n");
        Directory.CreateDirectory(_folder["empty"]);
        return
        [
            .. text.Split(' ')
                .Select(a =>
                    a.Replace("NOWHERE", _folder["nowhere"], StringComparison.Ordinal)
                        .Replace("FILE", _folder["file.txt"], StringComparison.Ordinal)
                        .Replace("EMPTY", _folder["empty"], StringComparison.Ordinal)
                        .Replace("FOLDER", _folder["empty"], StringComparison.Ordinal)
                        .Replace("MODEL", SmallModel.Write(_folder), StringComparison.Ordinal)
                ),
        ];
    }

    private static IEnumerable<Option> OptionsOf(string command, bool areFlags) =>
        CommandLine
            .Create(command, new Terminal(TextWriter.Null, TextWriter.Null))
            .Options.Where(o => (o.ValueType == typeof(bool)) == areFlags);

    private string[] Values() =>
        [
            "",
            " ",
            "x",
            "-1",
            "99999999999999999999999",
            "1e400",
            "NaN",
            "0",
            "ünïcödé 猫",
            "a\nb",
            new string('x', 5000),
            _folder["nowhere"],
            _folder["empty"],
            _folder["file.txt"],
        ];
}
