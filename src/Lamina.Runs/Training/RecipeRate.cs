using System.Text.Json.Nodes;

namespace Lamina.Runs.Training;

/// <summary>The learning rate that a recipe names: the highest of its schedule.</summary>
internal static class RecipeRate
{
    extension(Recipe recipe)
    {
        public double Rate => new RecipeBinding(recipe).LearningRate;

        public Recipe WithRate(double rate)
        {
            JsonObject optimizer = recipe.Optimizer.DeepClone().AsObject();
            optimizer["learning_rate"] = rate;
            return recipe with { Optimizer = optimizer };
        }
    }
}
