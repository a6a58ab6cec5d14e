namespace Lamina.Runs.Training;

/// <summary>Epochs of a run in which the same layers are trained by one optimizer.</summary>
/// <param name="Recipe">The recipe for these epochs alone.</param>
/// <param name="Begin">The first epoch, from 0.</param>
/// <param name="End">The epoch after the last.</param>
/// <param name="IsLast">Whether the run ends with it.</param>
internal sealed record TrainingPhase(RecipeBinding Recipe, int Begin, int End, bool IsLast)
{
    /// <summary>The phases of a run: one, or two where frozen layers are trained too after some epochs.</summary>
    public static IReadOnlyList<TrainingPhase> Of(TrainSettings settings)
    {
        Recipe recipe = settings.Recipe;
        return settings.Transfer is { UnfreezeAfter: { } frozen, UnfreezeRate: { } rate }
            ?
            [
                new(new RecipeBinding(recipe with { Epochs = frozen }), 0, frozen, false),
                new(
                    new RecipeBinding((recipe with { Epochs = recipe.Epochs - frozen }).WithRate(rate)),
                    frozen,
                    recipe.Epochs,
                    true
                ),
            ]
            : [new(new RecipeBinding(recipe), 0, recipe.Epochs, true)];
    }
}
