using System.Text.Json.Nodes;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Training;

/// <summary>Epochs of a run in which the same layers are trained by one optimizer.</summary>
/// <param name="Index">The number of the phase, from 0.</param>
/// <param name="Recipe">The recipe for these epochs alone.</param>
/// <param name="Epochs">The number of epochs, of which early stopping may leave out the last.</param>
/// <param name="IsLast"><see langword="true"/> if the run ends with it.</param>
internal sealed record TrainingPhase(int Index, RecipeBinding Recipe, int Epochs, bool IsLast)
{
    private const int MostStages = 2;
    private const int MostHeadEpochs = 2;

    /// <summary>The learning rate of a stage, as a share of that of the stage above.</summary>
    private const double RateByStage = 0.3;

    /// <summary>The layers that are unfrozen before it; <see langword="null"/> for all that are frozen.</summary>
    public IReadOnlyList<Layer>? Stage { get; private init; }

    /// <summary>
    /// The epochs without a smaller validation loss after which the phase ends, with the weights of its best epoch;
    /// <see langword="null"/> to train all epochs.
    /// </summary>
    public int? Patience { get; private init; }

    /// <summary>Returns the phases of a run: one, or two if frozen layers are trained too after some epochs, or by stages.</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="model">The model, before anything of it is unfrozen.</param>
    public static IReadOnlyList<TrainingPhase> Of(TrainSettings settings, Model model)
    {
        Recipe recipe = settings.Recipe;
        if (
            recipe.LabelSmoothing == 0
            && FrozenTrunk.Of(model) is { } trunk
            && HiddenHeadFit.Of(trunk.Head) is not null
        )
        {
            recipe = recipe with { LabelSmoothing = HeadRecipe.HiddenSmoothing };
        }
        return settings.Transfer switch
        {
            { FineTune: true, UnfreezeRate: { } rate } => ByStages(recipe, rate, TrunkStages.Of(model)),
            { UnfreezeAfter: { } frozen, UnfreezeRate: { } rate } =>
            [
                new(0, new RecipeBinding(recipe with { Epochs = frozen }), frozen, false),
                new(
                    1,
                    new RecipeBinding((recipe with { Epochs = recipe.Epochs - frozen }).WithRate(rate)),
                    recipe.Epochs - frozen,
                    true
                ),
            ],
            _ => [new(0, new RecipeBinding(recipe), recipe.Epochs, true)],
        };
    }

    // First the head, then stage by stage from the top, each with half of the epochs that are left.
    private static List<TrainingPhase> ByStages(Recipe recipe, double rate, IReadOnlyList<IReadOnlyList<Layer>> stages)
    {
        int count = Math.Min(Math.Min(MostStages, stages.Count), recipe.Epochs - 1);
        int left = recipe.Epochs;
        int head = count == 0 ? left : Math.Min(MostHeadEpochs, Math.Max(1, left - (2 * count)));
        List<TrainingPhase> phases =
        [
            new(0, new RecipeBinding(recipe with { Epochs = head }), head, count == 0)
            {
                Patience = count == 0 ? null : head,
            },
        ];
        left -= head;
        for (int i = 0; i < count; i++)
        {
            int epochs = (left + count - i - 1) / (count - i);
            left -= epochs;
            Recipe own = WithRates((recipe with { Epochs = epochs }).WithRate(rate), [.. stages.Take(i + 1)]);
            phases.Add(
                new TrainingPhase(i + 1, new RecipeBinding(own), epochs, i == count - 1)
                {
                    Stage = stages[i],
                    Patience = 2,
                }
            );
        }
        return phases;
    }

    private static Recipe WithRates(Recipe recipe, IReadOnlyList<IReadOnlyList<Layer>> stages)
    {
        JsonObject optimizer = recipe.Optimizer.DeepClone().AsObject();
        JsonArray rules = optimizer["rules"]?.DeepClone() as JsonArray ?? [];
        for (int stage = 1; stage < stages.Count; stage++)
        {
            foreach (Layer layer in stages[stage])
            {
                rules.Add(
                    (JsonNode)
                        new JsonObject
                        {
                            ["weights"] = Escaped(layer.Name) + "/*",
                            ["learning_rate"] = Math.Pow(RateByStage, stage),
                        }
                );
            }
        }
        optimizer["rules"] = rules;
        return recipe with { Optimizer = optimizer };
    }

    private static string Escaped(string name) =>
        name.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("*", @"\*", StringComparison.Ordinal)
            .Replace("?", @"\?", StringComparison.Ordinal);
}
