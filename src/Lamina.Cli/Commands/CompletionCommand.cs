using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The <c>alexnet completion</c> command: prints a shell's completion script.</summary>
internal static class CompletionCommand
{
    private const string Examples = """
          alexnet completion bash >> ~/.bashrc
          alexnet completion zsh >> ~/.zshrc
          alexnet completion fish > ~/.config/fish/completions/alexnet.fish
          alexnet completion pwsh >> $PROFILE
        """;

    // Each script asks the program, by System.CommandLine's [suggest] directive, to complete the line up to the cursor. The
    // program offers options for an empty word too, where a file is more likely meant.
    private static readonly Dictionary<string, string> s_scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _alexnet() {
                local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} item
                COMPREPLY=()
                while IFS= read -r item; do
                    if [[ $item == "$word"* && ( $word == -* || $item != -* ) ]]; then
                        COMPREPLY+=("$item")
                    fi
                done < <("$1" "[suggest:${#line}]" "$line" 2>/dev/null)
                [[ $word == -* ]] || compopt -o filenames 2>/dev/null
            }
            complete -o bashdefault -o default -F _alexnet alexnet
            """,
        ["zsh"] = """
            _alexnet() {
                local word=${words[CURRENT]} line=${BUFFER[1,CURSOR]}
                local -a found
                found=("${(@f)$(${words[1]} "[suggest:${#line}]" "$line" 2>/dev/null)}")
                [[ $word == -* ]] || found=("${(@)found:#-*}")
                found=("${(@)found:#}")
                found=("${(@M)found:#${(b)word}*}")
                if (( $#found )); then
                    compadd -Q -- "${(@q)found}"
                else
                    _files
                fi
            }
            (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
            compdef _alexnet alexnet
            """,
        ["fish"] = """
            function __alexnet_complete
                set -l line (commandline -cp)
                set -l word (commandline -ct)
                for item in (alexnet "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
                    if string match -q -- '-*' "$word"; or not string match -q -- '-*' "$item"
                        echo $item
                    end
                end
            end
            complete -c alexnet -a '(__alexnet_complete)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName alexnet -ScriptBlock {
                param($word, $command, $position)
                $line = $command.ToString()
                $line = $line.PadRight($position).Substring(0, $position - $command.Extent.StartOffset)
                alexnet "[suggest:$($line.Length)]" $line 2>$null |
                    Where-Object { $_.StartsWith($word) -and ($word.StartsWith('-') -or -not $_.StartsWith('-')) } |
                    ForEach-Object {
                        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                    }
            }
            """,
    };

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "Shell: bash, zsh, fish or pwsh." };
        shell.Accept([.. s_scripts.Keys]);
        var command = new Command("completion", "Prints a completion script for a shell.") { shell };
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            terminal.Output.WriteLine(s_scripts[parsed.GetValue(shell)!].ReplaceLineEndings("\n"));
            terminal.Output.Flush();
            return ExitCode.Done;
        });
        return command;
    }
}
