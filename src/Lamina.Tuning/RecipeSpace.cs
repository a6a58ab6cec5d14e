using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs.Sources;
using Lamina.Runs.Training;

namespace Lamina.Tuning;

/// <summary>Hyperparameters of a recipe: short names, or paths of keys in its JSON.</summary>
internal static class RecipeSpace
{
    private const string OptimizerName = "optimizer";
    private const string InputName = "input";

    /// <summary>The short names and what they stand for.</summary>
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["lr"] = "optimizer.learning_rate",
        ["momentum"] = "optimizer.momentum",
        ["weight-decay"] = "optimizer.weight_decay",
        ["warmup"] = "schedule.warmup_epochs",
        ["label-smoothing"] = "label_smoothing",
        ["statistics-images"] = "statistics_images",
    };

    /// <summary>
    /// Returns what is searched if nothing is named: the learning rate from a tenth to ten times the recipe's, dropout, and
    /// weight decay if the recipe has any.
    /// </summary>
    public static SearchSpace Standard(Recipe recipe)
    {
        double rate = recipe.Rate;
        List<HyperParameter> parameters = [HyperParameter.Float("lr", rate / 10, rate * 10, sampling: "log")];
        if (recipe.Optimizer["weight_decay"] is { } node && (double)node > 0)
        {
            parameters.Add(HyperParameter.Float("weight-decay", (double)node / 10, (double)node * 10, sampling: "log"));
        }
        parameters.Add(HyperParameter.Float("dropout", 0, 0.6));
        return new SearchSpace(parameters);
    }

    /// <summary>Returns a recipe with values in place of its own.</summary>
    /// <exception cref="LaminaException">The recipe has no such value, or it is out of range.</exception>
    public static Recipe Apply(Recipe recipe, IReadOnlyDictionary<string, object> values)
    {
        // What others are parts of, or follow from, is first.
        if (values.TryGetValue(OptimizerName, out object? optimizer))
        {
            recipe = recipe with { Optimizer = RecipeOptimizer.Of(HyperValue.Exact(optimizer), recipe.Optimizer) };
        }
        if (values.TryGetValue(InputName, out object? input))
        {
            recipe = RecipeSize.At(recipe, input is int side ? side : throw NotWhole(InputName, input));
        }
        JsonObject json = recipe.ToJsonObject();
        foreach ((string name, object value) in values)
        {
            if (name is not (OptimizerName or InputName))
            {
                Set(json, name, HyperValue.ToJson(value));
            }
        }
        if (values.TryGetValue("batch", out object? batch) && batch is int images && images <= recipe.MicroBatch)
        {
            json.Remove("micro_batch");
        }
        var result = Recipe.FromJson(json.ToJsonString(), "the recipe");
        SmallestInput.Require(result.Model, result.Input);
        // Optimizers, losses and augmentations read their own parts.
        _ = new RecipeBinding(result).NewOptimizer(1);
        return result;
    }

    /// <summary>Checks the ends of all ranges, a value between, and all choices against a recipe, before anything is trained.</summary>
    /// <exception cref="LaminaException">A hyperparameter does not fit the recipe; the message names it.</exception>
    public static void Require(Recipe recipe, SearchSpace space)
    {
        foreach (HyperParameter parameter in space.Parameters)
        {
            // Values of one optimizer need not fit another.
            HyperParameter? optimizer = space.Parameters.FirstOrDefault(p => p.Name == OptimizerName && p != parameter);
            foreach (object value in parameter.Probes)
            {
                string[] reasons =
                [
                    .. (optimizer?.Probes ?? [""])
                        .Select(o => Problem(recipe, parameter.Name, value, o))
                        .OfType<string>(),
                ];
                if (reasons.Length == (optimizer?.Probes.Count() ?? 1))
                {
                    throw new LaminaException($"{parameter.Name}={HyperValue.Exact(value)}: {reasons[0]}");
                }
            }
        }
    }

    private static string? Problem(Recipe recipe, string name, object value, object optimizer)
    {
        Dictionary<string, object> values = new() { [name] = value };
        if (optimizer is not "")
        {
            values[OptimizerName] = optimizer;
        }
        try
        {
            _ = Apply(recipe, values);
            return null;
        }
        catch (LaminaException e)
        {
            return e.Message;
        }
    }

    private static void Set(JsonObject json, string name, JsonNode value)
    {
        string[] path = s_names.GetValueOrDefault(name, name).Split('.');
        JsonNode at = json;
        foreach (string key in path[..^1])
        {
            at =
                at switch
                {
                    JsonObject members => members[key],
                    JsonArray items => Item(items, key),
                    _ => null,
                } ?? throw Unknown(name, $"the recipe has no '{key}'");
        }
        switch (at)
        {
            case JsonObject members:
                members[path[^1]] = value;
                break;
            case JsonArray items
                when int.TryParse(path[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int i)
                    && i < items.Count:
                items[i] = value;
                break;
            default:
                throw Unknown(name, $"the recipe has no '{path[^1]}' there");
        }
    }

    // An augmentation is found by its name, a number by its position.
    private static JsonNode? Item(JsonArray items, string key) =>
        items.FirstOrDefault(i => i is JsonObject o && (string?)o["name"] == key)
        ?? (
            int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < items.Count
                ? items[index]
                : null
        );

    private static LaminaException Unknown(string name, string reason) =>
        new(
            $"'{name}' is not a hyperparameter of the recipe: {reason}. Use {string.Join(", ", s_names.Keys)}, batch, dropout, optimizer, model, input, or keys of 'alexnet recipes NAME' with points between."
        );

    private static LaminaException NotWhole(string name, object value) =>
        new($"{name}: {HyperValue.Exact(value)} is not a whole number. Use NAME=LOW..HIGH:int.");
}
