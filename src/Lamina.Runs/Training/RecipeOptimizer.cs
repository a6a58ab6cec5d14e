using System.Text.Json.Nodes;

namespace Lamina.Runs.Training;

/// <summary>The optimizers that can take the place of a recipe's, with settings of their own.</summary>
internal static class RecipeOptimizer
{
    /// <summary>The names of the optimizers.</summary>
    public static readonly string[] Names = ["sgd", "adam", "adamw", "lars"];

    /// <summary>Returns the config of an optimizer: the recipe's own if it has this name, or the standard one.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="recipes">The recipe's optimizer.</param>
    /// <exception cref="LaminaException">The name is unknown.</exception>
    public static JsonObject Of(string name, JsonObject recipes) =>
        name == (string?)recipes["name"]
            ? recipes.DeepClone().AsObject()
            : name switch
            {
                "adam" => new JsonObject { ["name"] = name, ["learning_rate"] = 0.0001 },
                "adamw" => new JsonObject
                {
                    ["name"] = name,
                    ["learning_rate"] = 0.0001,
                    ["weight_decay"] = 0.05,
                },
                "lars" => new JsonObject
                {
                    ["name"] = name,
                    ["learning_rate"] = 10.0,
                    ["momentum"] = 0.9,
                },
                "sgd" => new JsonObject
                {
                    ["name"] = name,
                    ["learning_rate"] = 0.02,
                    ["momentum"] = 0.9,
                },
                _ => throw new LaminaException($"'{name}' is not an optimizer. Use one of {string.Join(", ", Names)}."),
            };
}
