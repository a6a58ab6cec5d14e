using System.CommandLine;
using Lamina.Runs;
using Lamina.Tuning;

namespace Lamina.Cli;

/// <summary>The options of <c>alexnet tune</c>.</summary>
internal sealed class TuneOptions
{
    private const int StandardTrials = 20;
    private const int StandardEpochs = 9;
    private const int MostTrials = 100_000;
    private const string Random = "random";
    private const string Hyperband = "hyperband";

    private readonly ImageOptions _images = new();
    private readonly RecipeOptions _recipe = new(
        $"Sets the epochs of a trial; with hyperband, of those that are not dropped. Default: {StandardEpochs}."
    );
    private readonly ResourceOptions _resources = new();
    private readonly Option<int?> _trials = NumberOption.WholeOrNone(
        "--trials",
        $"Sets the number of trials. Default: {StandardTrials}; with hyperband, as many as its brackets have.",
        1,
        MostTrials
    );
    private readonly Option<string> _search = new("--search")
    {
        Description =
            "Sets the method: random trains all trials to the end, hyperband drops bad ones early. Default: random.",
        HelpName = "NAME",
    };
    private readonly Option<string[]> _vary = new("--vary")
    {
        Description =
            "Adds a hyperparameter: NAME=LOW..HIGH, with :log, :int or :STEP, or NAME=A|B|C. "
            + "Default: lr, weight-decay and dropout.",
        HelpName = "SPEC",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _space = new("--space")
    {
        Description = "Reads hyperparameters from a JSON file: {\"lr\": \"1e-4..1e-2:log\", \"batch\": [16, 32]}.",
        HelpName = "FILE",
    };
    private readonly Option<string> _objective = new("--objective")
    {
        Description = "Sets what is compared after the last epoch: val_accuracy or val_loss. Default: val_accuracy.",
        HelpName = "NAME",
    };
    private readonly Option<int> _keep = NumberOption.Whole(
        "--keep",
        "Sets how many trials, the best, keep their weights.",
        3,
        1,
        MostTrials
    );
    private readonly Option<long> _seed = NumberOption.Long(
        "--seed",
        "Sets the seed of the values and of all trials: equal seeds, equal searches. Default: 0."
    );
    private readonly Option<string?> _output = new("--output")
    {
        Description =
            "Sets the folder of the search. With that of an interrupted search, goes on with it. "
            + "Default: runs/tune-<model>-<time>.",
        HelpName = "DIR",
    };

    public TuneOptions()
    {
        _search.Accept(Random, Hyperband);
        _objective.Accept("val_accuracy", "val_loss");
    }

    /// <summary>Adds the argument and the options to a command, in the order of the help.</summary>
    public void AddTo(Command command)
    {
        command.Add(_images.Source);
        foreach (
            Option option in (Option[])
                [
                    _trials,
                    _search,
                    _vary,
                    _space,
                    _objective,
                    _keep,
                    _output,
                    .. _recipe.All,
                    _seed,
                    .. _images.All,
                    .. _resources.All,
                ]
        )
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetResult(_vary) is { Implicit: false } && result.GetResult(_space) is { Implicit: false })
            {
                result.AddError("--vary and --space exclude each other. Use one of them.");
            }
        });
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="LaminaException">The recipe or the space cannot be read, or options do not fit together.</exception>
    public RunTuner Read(ParseResult parsed)
    {
        Recipe recipe = _recipe.Read(parsed, _images.Model(parsed));
        int epochs = _recipe.Epochs(parsed) ?? StandardEpochs;
        int? trials = parsed.GetValue(_trials);
        TrainOptions train = _resources.Apply(parsed, _images.Apply(parsed, new TrainOptions())) with
        {
            Recipe = recipe with { Epochs = epochs },
        };
        string folder = parsed.GetValue(_output) ?? TuneFolder.New(recipe.Model, DateTimeOffset.Now);
        string[] words = [CommandLine.ProgramName, .. parsed.Tokens.Select(t => t.Value)];
        return new RunTuner(
            train,
            Space(parsed),
            new TuningOptions
            {
                Plan =
                    parsed.GetValue(_search) == Hyperband
                        ? SearchPlan.Hyperband(epochs, trials: trials)
                        : SearchPlan.Random(trials ?? StandardTrials, epochs),
                Folder = folder,
                Objective = parsed.GetValue(_objective) ?? "val_accuracy",
                Seed = parsed.GetValue(_seed),
                Keep = parsed.GetValue(_keep),
                Command = parsed.GetValue(_output) is null ? [.. words, "--output", folder] : words,
            }
        );
    }

    private SearchSpace? Space(ParseResult parsed)
    {
        if (parsed.GetValue(_space) is { } file)
        {
            return File.Exists(file)
                ? SearchSpace.Read(file)
                : throw new LaminaException($"--space: '{file}' is not an existing file.");
        }
        return parsed.GetValue(_vary) is { Length: > 0 } specs
            ? new SearchSpace([.. specs.Select(SearchSpace.Parse)])
            : null;
    }
}
