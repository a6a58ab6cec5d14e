using System.Diagnostics;

namespace Lamina.Cli.Tests;

/// <summary>Completion in real shells, by the scripts that the program prints.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("alexnet tr", "train")]
    [InlineData("alexnet train --epo", "--epochs")]
    [InlineData("alexnet train --recipe pa", "paper")]
    [InlineData(
        "alexnet train --recipe ",
        "a b.json|caffe|d2l|lars|modern|paper|photos|standard|torchvision|tutorial|$(touch bad)"
    )]
    [InlineData("alexnet train ph", "photos")]
    [InlineData("alexnet train photos/c", "photos/cat|photos/cow")]
    [InlineData("alexnet train --optimizer ada", "adam|adamw")]
    [InlineData("alexnet train --model ", "caffe|caffenet|d2l|listing|owt|paper|small|walkthrough")]
    [InlineData("alexnet convert a b --to o", "onnx")]
    [InlineData("alexnet summary wal", "walkthrough")]
    [InlineData("alexnet predict run ", "")] // bash then completes files.
    [InlineData("alexnet completion ", "bash|fish|pwsh|zsh")]
    public void Bash_completes_words(string line, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs bash.");
        Directory.CreateDirectory(_folder["photos/cat"]);
        Directory.CreateDirectory(_folder["photos/cow"]);
        File.WriteAllText(_folder["a b.json"], "{}");
        File.WriteAllText(_folder["$(touch bad)"], "");
        File.WriteAllText(
            _folder["complete.sh"],
            """
            alexnet() { dotnet "$ASSEMBLY" "$@"; }
            source <(alexnet completion bash)
            [[ $(complete -p alexnet) == *"-F _alexnet alexnet" ]] || exit 3
            rm complete.sh
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<<"$1"
            [[ $1 == *" " ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _alexnet alexnet "${COMP_WORDS[COMP_CWORD]}"
            ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
            true
            """
        );
        var start = new ProcessStartInfo("bash", ["complete.sh", line])
        {
            WorkingDirectory = _folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASSEMBLY"] = Alexnet.Assembly;
        Outcome outcome = Alexnet.Finish(Process.Start(start)!);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Equal(
            expected,
            string.Join(
                '|',
                outcome
                    .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .OrderBy(w => w.StartsWith('$'))
                    .ThenBy(w => w, StringComparer.Ordinal)
            )
        );
        Assert.False(File.Exists(_folder["bad"]), "a file's name was run as a command");
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Scripts_are_such_as_their_shell_reads(string shell)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{shell}") || File.Exists($"/bin/{shell}"), $"needs {shell}.");
        string script = _folder["script"];
        Outcome printed = Alexnet.Run("completion", shell);
        Assert.Equal((0, ""), (printed.Code, printed.Error));
        File.WriteAllText(script, printed.Output);
        Outcome outcome = Alexnet.Finish(Alexnet.StartFile(shell, "-n", script));
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
    }
}
