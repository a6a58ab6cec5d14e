using System.CommandLine;
using Lamina.Distributed;
using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>The options of <c>alexnet train</c>.</summary>
internal sealed class TrainingOptions
{
    private const int MostThreads = 1024;
    private const int MostCacheMegabytes = 1 << 20;
    private static readonly TrainOptions s_defaults = new();

    private readonly Argument<string?> _folder = new("source")
    {
        Description =
            "Class folders, IDX files, tar shards, ILSVRC-2012's archives, or a table (CSV, JSON lines); or a model "
            + "name. Default: the shipped Fashion-MNIST, also with a model name.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly RecipeOptions _recipe = new();
    private readonly TransferOptions _transfer = new();
    private readonly Option<long> _seed = NumberOption.Long(
        "--seed",
        "Sets the seed of all random numbers: equal seeds, equal runs. Default: 0."
    );
    private readonly Option<string> _validation = Text(
        "--validation",
        "DIR",
        "Sets the test data, in the format of the training data."
    );
    private readonly Option<double> _share = NumberOption.Real(
        "--validation-share",
        "Sets the fraction of each class held out for testing, if there is no other test data.",
        s_defaults.ValidationShare,
        0,
        0.99,
        includesMin: false
    );
    private readonly Option<string?> _format = FormatOption.Create();
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
    private readonly ComputeOptions _compute = new();
    private readonly Option<int?> _threads = NumberOption.WholeOrNone(
        "--threads",
        "Sets the number of compute threads. Default: one per core.",
        1,
        MostThreads
    );
    private readonly Option<int?> _workers = NumberOption.WholeOrNone(
        "--workers",
        "Sets the number of threads that read images. Default: one per core.",
        0,
        MostThreads
    );
    private readonly Option<int> _cache = NumberOption.Whole(
        "--cache-mb",
        "Sets the cache of decoded images in MB: images that fit are decoded once, not every epoch.",
        s_defaults.CacheMegabytes,
        0,
        MostCacheMegabytes
    );
    private readonly RankOptions _ranks = new();
    private readonly ResumeOptions _resume;

    /// <param name="others">Further options that are allowed with --resume because they do not change the result.</param>
    public TrainingOptions(IReadOnlyList<Option> others) =>
        _resume = new ResumeOptions([_workers, _compute.DeviceOption, .. _ranks.AllowedWithResume, .. others]);

    /// <summary>Adds the argument and the options to a command, in the order of the help.</summary>
    public void AddTo(Command command)
    {
        command.Add(_folder);
        _recipe.All.ToList().ForEach(command.Add);
        _transfer.All.ToList().ForEach(command.Add);
        foreach (
            Option option in (Option[])
                [
                    _seed,
                    _validation,
                    _share,
                    _format,
                    _output,
                    _strict,
                    _recompute,
                    .. _compute.All,
                    _threads,
                    _workers,
                    _cache,
                ]
        )
        {
            command.Add(option);
        }
        _ranks.All.ToList().ForEach(command.Add);
        _resume.All.ToList().ForEach(command.Add);
        PathCompletions.Add(_folder, Zoo.Names);
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
    public int? Workers(ParseResult parsed) => parsed.GetValue(_workers);

    /// <summary>Returns the device that trains; null for the default.</summary>
    public Device? Device(ParseResult parsed) => _compute.Device(parsed);

    /// <summary>Reads the options.</summary>
    /// <exception cref="LaminaException">The recipe or the weights cannot be read, or options do not fit together.</exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="job">This rank's job; null if it trains alone.</param>
    public TrainOptions Read(ParseResult parsed, RankJob? job = null)
    {
        string? named = parsed.GetValue(_folder);
        bool isModel = IsModel(named);
        (Recipe recipe, StartingWeights? weights) = _transfer.Read(parsed, _recipe, isModel ? named : null);
        return new TrainOptions
        {
            Data = isModel ? null : named,
            Format = FormatOption.Of(parsed.GetValue(_format)),
            Validation = parsed.GetValue(_validation),
            ValidationShare = parsed.GetValue(_share),
            Recipe = _ranks.Apply(parsed, recipe, _recipe.SetsRate(parsed), job?.Size ?? 1),
            Weights = weights,
            Seed = parsed.GetValue(_seed),
            Output = parsed.GetValue(_output),
            Strict = parsed.GetValue(_strict),
            Recompute = parsed.GetValue(_recompute),
            Device = _compute.Device(parsed),
            Precision = _compute.Precision(parsed),
            Threads = parsed.GetValue(_threads) ?? job?.Threads,
            Workers = parsed.GetValue(_workers) ?? job?.Threads ?? s_defaults.Workers,
            CacheMegabytes = parsed.GetValue(_cache),
            CheckpointEvery = _resume.Frequency(parsed),
            Keep = parsed.GetValue(_resume.Keep),
            Communicator = job?.Communicator,
            SynchronizeBatchNormalization = _ranks.Synchronizes(parsed),
            Command = [CommandLine.ProgramName, .. parsed.Tokens.Select(t => t.Value)],
        };
    }

    // A folder of that name takes precedence.
    private static bool IsModel(string? argument) =>
        argument is not null && Zoo.Names.Contains(argument) && !Directory.Exists(argument);

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
