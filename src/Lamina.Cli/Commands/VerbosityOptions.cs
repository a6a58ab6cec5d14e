using System.CommandLine;

namespace Lamina.Cli;

/// <summary>The options of long-running commands that set how much they print.</summary>
internal sealed class VerbosityOptions
{
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Prints results and errors only." };
    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Prints details to standard error: every skipped image, settings, libraries.",
    };

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_quiet, _verbose];

    /// <summary>Adds the options to a command, and refuses both at once.</summary>
    public void AddTo(Command command)
    {
        All.ToList().ForEach(command.Add);
        command.Validators.Add(result =>
        {
            if (result.IsOn(_quiet) && result.IsOn(_verbose))
            {
                result.AddError("--quiet and --verbose exclude each other. Use one of them.");
            }
        });
    }

    /// <summary>Sets a terminal's verbosity from the options.</summary>
    public void Apply(ParseResult parsed, Terminal terminal) =>
        terminal.Verbosity =
            parsed.GetValue(_quiet) ? Verbosity.Quiet
            : parsed.GetValue(_verbose) ? Verbosity.Verbose
            : Verbosity.Normal;
}
