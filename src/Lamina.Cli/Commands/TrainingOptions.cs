using System.CommandLine;
using Lamina.Distributed;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The options of <c>alexnet train</c>.</summary>
internal sealed class TrainingOptions
{
    private readonly ImageOptions _images = new();
    private readonly RecipeOptions _recipe = new();
    private readonly TransferOptions _transfer = new();
    private readonly Option<long> _seed = NumberOption.Long(
        "--seed",
        "Sets the seed of all random numbers: equal seeds, equal runs. Default: 0."
    );
    private readonly Option<string> _output = Text(
        "--output",
        "RUN",
        "Sets the run folder to write, new or empty. Default: runs/<model>-<time>."
    );
    private readonly Option<bool> _strict = new("--strict")
    {
        Description = "Stops at an unreadable image instead of skipping it.",
    };
    private readonly Option<bool> _recompute = new("--recompute")
    {
        Description = "Recomputes activations in the backward pass: less memory, more time, same result.",
    };
    private readonly ResourceOptions _resources = new();
    private readonly RankOptions _ranks = new();
    private readonly ResumeOptions _resume;

    /// <param name="others">Further options that are allowed with --resume because they do not change the result.</param>
    public TrainingOptions(IReadOnlyList<Option> others) =>
        _resume = new ResumeOptions([
            _resources.WorkersOption,
            _resources.DeviceOption,
            .. _ranks.AllowedWithResume,
            .. others,
        ]);

    /// <summary>Adds the argument and the options to a command, in the order of the help.</summary>
    public void AddTo(Command command)
    {
        command.Add(_images.Source);
        _recipe.All.ToList().ForEach(command.Add);
        _transfer.All.ToList().ForEach(command.Add);
        foreach (Option option in (Option[])[_seed, .. _images.All, _output, _strict, _recompute, .. _resources.All])
        {
            command.Add(option);
        }
        _ranks.All.ToList().ForEach(command.Add);
        _resume.All.ToList().ForEach(command.Add);
        _resume.Guard(command);
        _transfer.Guard(command);
        _ranks.Guard(command, _recipe.Batch, _output, _resume.Resume);
    }

    /// <summary>Starts the ranks that <c>--ranks</c> requests, and waits for them.</summary>
    /// <returns>The exit code; <see langword="null"/> if this process trains.</returns>
    public int? Launch(ParseResult parsed, Terminal terminal) =>
        _ranks.Ranks(parsed) is { } ranks && !RankJob.IsRank
            ? new RankLauncher(terminal).Run(
                [.. parsed.Tokens.Select(t => t.Value)],
                ranks,
                _ranks.Restarts(parsed),
                Resumed(parsed) ?? parsed.GetValue(_output)
            )
            : null;

    /// <summary>Returns the run to resume; null to start a new one.</summary>
    public string? Resumed(ParseResult parsed) => parsed.GetValue(_resume.Resume);

    /// <summary>Returns the number of threads that read images; null for the default.</summary>
    public int? Workers(ParseResult parsed) => _resources.Workers(parsed);

    /// <summary>Returns the device that trains; null for the default.</summary>
    public Device? Device(ParseResult parsed) => _resources.Device(parsed);

    /// <summary>Reads the options.</summary>
    /// <exception cref="LaminaException">The recipe or the weights cannot be read, or options do not fit together.</exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="job">This rank's job; null if it trains alone.</param>
    public TrainOptions Read(ParseResult parsed, RankJob? job = null)
    {
        (Recipe recipe, StartingWeights? weights) = _transfer.Read(parsed, _recipe, _images.Model(parsed));
        return _resources.Apply(parsed, _images.Apply(parsed, new TrainOptions()), job) with
        {
            Recipe = _ranks.Apply(parsed, recipe, _recipe.SetsRate(parsed), job?.Size ?? 1),
            Weights = weights,
            Seed = parsed.GetValue(_seed),
            Output = parsed.GetValue(_output),
            Strict = parsed.GetValue(_strict),
            Recompute = parsed.GetValue(_recompute),
            CheckpointEvery = _resume.Frequency(parsed),
            Keep = parsed.GetValue(_resume.Keep),
            Communicator = job?.Communicator,
            SynchronizeBatchNormalization = _ranks.Synchronizes(parsed),
            GradientPrecision = _ranks.Gradients(parsed),
            Command = [CommandLine.ProgramName, .. parsed.Tokens.Select(t => t.Value)],
        };
    }

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
