using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The options for checkpoints and for resuming a run.</summary>
internal sealed class ResumeOptions
{
    private const int Most = 1_000_000;
    private readonly HashSet<Option> _allowed;

    /// <param name="others">The options that are allowed with --resume because they do not change the result.</param>
    public ResumeOptions(IReadOnlyList<Option> others) => _allowed = [Resume, .. others];

    public Option<string?> Resume { get; } =
        new("--resume")
        {
            Description = "Resumes an interrupted run with its saved settings, to the same result.",
            HelpName = "RUN",
        };

    public Option<string> CheckpointEvery { get; } =
        new("--checkpoint-every")
        {
            Description = "Sets when to save a checkpoint: epoch, a number of steps, or never (only when interrupted).",
            HelpName = "WHEN",
            DefaultValueFactory = _ => "epoch",
            CustomParser = Parse,
        };

    public Option<int> Keep { get; } =
        NumberOption.Whole(
            "--keep",
            "Sets how many checkpoints to keep; 0 removes all when the run is finished.",
            new TrainOptions().Keep,
            0,
            1000
        );

    public IReadOnlyList<Option> All => [Resume, CheckpointEvery, Keep];

    /// <summary>Refuses options that contradict the resumed run.</summary>
    public void Guard(Command command) =>
        command.Validators.Add(result =>
        {
            if (result.GetResult(Resume) is not { Implicit: false })
            {
                return;
            }
            foreach (SymbolResult child in result.Children)
            {
                string? given = child switch
                {
                    OptionResult { Implicit: false } o when !_allowed.Contains(o.Option) => o.Option.Name,
                    ArgumentResult { Tokens.Count: > 0 } a => $"the folder {a.Tokens[0].Value}",
                    _ => null,
                };
                if (given is not null)
                {
                    string why = given == "--epochs" ? " (the learning rate schedule depends on it)" : "";
                    result.AddError($"--resume uses the run's saved settings: remove {given}{why}.");
                    return;
                }
            }
        });

    /// <summary>Returns how often checkpoints are saved; null for interrupted runs only.</summary>
    public Frequency? Frequency(ParseResult parsed) =>
        parsed.GetValue(CheckpointEvery) switch
        {
            "never" => (Frequency?)null,
            "epoch" or null => Lamina.Frequency.Epoch,
            var steps => int.Parse(steps, CultureInfo.InvariantCulture),
        };

    private static string? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int steps);
        if (text is not ("epoch" or "never") && !(isNumber && steps is >= 1 and <= Most))
        {
            result.AddError($"--checkpoint-every: '{text}' is not epoch, never or a whole number from 1 to {Most}.");
        }
        return isNumber ? steps.ToString(CultureInfo.InvariantCulture) : text;
    }
}
