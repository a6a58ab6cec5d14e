using System.CommandLine;
using Lamina.Runs.Training;

namespace Lamina.Cli;

/// <summary>The options of training on several ranks.</summary>
internal sealed class RankOptions
{
    private const int MostRanks = 100_000;
    private const int MostImages = 1 << 20;
    private const double WarmupEpochs = 5;

    private readonly Option<int?> _ranks = NumberOption.WholeOrNone(
        "--ranks",
        "Starts this many processes with mpirun, which train together.",
        1,
        MostRanks
    );
    private readonly Option<int?> _restart = NumberOption.WholeOrNone(
        "--restart",
        "Resumes from the last checkpoint up to N times if a rank is lost. Requires --ranks and --output.",
        0,
        1000
    );
    private readonly Option<int?> _batchPerRank = NumberOption.WholeOrNone(
        "--batch-per-rank",
        "Sets the number of images per update and rank, instead of --batch.",
        1,
        MostImages
    );
    private readonly Option<string> _scaling = new("--lr-scaling")
    {
        Description =
            "Sets how --batch-per-rank changes the learning rate: linear, with 5 epochs of warm-up, or none. Default: linear.",
        HelpName = "RULE",
    };
    private readonly Option<bool> _synchronize = new("--sync-batch-norm")
    {
        Description = "Normalizes by the whole batch of all ranks, as one process does.",
    };

    private readonly Option<string> _gradients = new("--gradients")
    {
        Description =
            "Sets the type in which ranks send gradients: float32, or bfloat16 with error feedback, half as many bytes. Default: float32.",
        HelpName = "TYPE",
    };

    public RankOptions()
    {
        _scaling.Accept("linear", "none");
        _gradients.Accept("float32", "bfloat16");
    }

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_ranks, _restart, _batchPerRank, _scaling, _synchronize, _gradients];

    /// <summary>The options that are allowed with <c>--resume</c>.</summary>
    public IReadOnlyList<Option> AllowedWithResume => [_ranks, _restart];

    /// <summary>Returns the number of processes to start; null to train in this one.</summary>
    public int? Ranks(ParseResult parsed) => parsed.GetValue(_ranks);

    /// <summary>Returns how often to start again after the loss of a rank.</summary>
    public int Restarts(ParseResult parsed) => parsed.GetValue(_restart) ?? 0;

    /// <summary>Returns <see langword="true"/> if batch normalization uses the whole batch.</summary>
    public bool Synchronizes(ParseResult parsed) => parsed.GetValue(_synchronize);

    /// <summary>Returns the type in which gradients are sent.</summary>
    public GradientPrecision Gradients(ParseResult parsed) =>
        parsed.GetValue(_gradients) == "bfloat16" ? GradientPrecision.BFloat16 : GradientPrecision.Float32;

    /// <summary>Refuses options that contradict each other.</summary>
    public void Guard(Command command, Option<int?> batch, Option<string> output, Option<string?> resume) =>
        command.Validators.Add(result =>
        {
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (Has(_batchPerRank) && Has(batch))
            {
                result.AddError("--batch and --batch-per-rank exclude each other. Use one of them.");
            }
            if (Has(_scaling) && !Has(_batchPerRank))
            {
                result.AddError("--lr-scaling requires --batch-per-rank.");
            }
            if (Has(_restart) && !Has(_ranks))
            {
                result.AddError("--restart requires --ranks: mpirun is started again.");
            }
            if (Has(_restart) && !Has(output) && !Has(resume))
            {
                result.AddError("--restart requires --output or --resume: the run folder to resume.");
            }
        });

    /// <summary>Returns the recipe for a number of images per rank.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The recipe with the other options applied.</param>
    /// <param name="setsRate"><see langword="true"/> if the user has set the learning rate, which is then left alone.</param>
    /// <param name="size">The number of ranks.</param>
    public Recipe Apply(ParseResult parsed, Recipe recipe, bool setsRate, int size)
    {
        if (parsed.GetValue(_batchPerRank) is not { } perRank)
        {
            return recipe;
        }
        int batch = checked(perRank * size);
        double factor = (double)batch / recipe.Batch;
        Recipe changed = recipe with { Batch = batch, MicroBatch = null };
        if (parsed.GetValue(_scaling) == "none" || setsRate)
        {
            return changed;
        }
        // Goyal et al. 2017: the rate follows the batch, and rises to it over the first epochs.
        bool warms = factor > 1 && recipe.Schedule.Name != "plateau" && recipe.Epochs > WarmupEpochs;
        return changed.WithRate(recipe.Rate * factor) with
        {
            Schedule = warms
                ? recipe.Schedule with
                {
                    WarmupEpochs = Math.Max(recipe.Schedule.WarmupEpochs, WarmupEpochs),
                }
                : recipe.Schedule,
        };
    }
}
