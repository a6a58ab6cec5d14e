using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The learning rate schedule of a recipe, in epochs, so that it fits any amount of data.</summary>
/// <param name="Name"><c>constant</c>, <c>step</c>, <c>cosine</c>, <c>polynomial</c> or <c>plateau</c>.</param>
public sealed record RecipeSchedule(string Name = "constant")
{
    private const double LeastFactor = 1e-9;
    private const double MostFactor = 0.999999;

    /// <summary>The epochs of linear warmup from 0. Default: 0. Not with plateau.</summary>
    public double WarmupEpochs { get; init; }

    /// <summary>The epochs between two reductions of <c>step</c>, at least 1. Default: 30.</summary>
    public int EveryEpochs { get; init; } = 30;

    /// <summary>The factor of each reduction of <c>step</c> and <c>plateau</c>, above 0 and below 1. Default: 0.1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>The power of <c>polynomial</c>. Default: 2.</summary>
    public double Power { get; init; } = 2;

    /// <summary>The value that <c>plateau</c> monitors, as logged by Fit. Default: val_accuracy.</summary>
    public string Monitor { get; init; } = "val_accuracy";

    /// <summary>The epochs without improvement before a reduction of <c>plateau</c>. Default: 5.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>The most reductions of <c>plateau</c>. Default: 3.</summary>
    public int Reductions { get; init; } = 3;

    internal static RecipeSchedule Read(JsonObject json, string file)
    {
        var reader = new ConfigReader(json, file, "schedule");
        string name = reader.Choice("name", "constant", "constant", "step", "cosine", "polynomial", "plateau");
        var result = new RecipeSchedule(name);
        if (name != "plateau")
        {
            result = result with { WarmupEpochs = reader.Number("warmup_epochs", 0, max: 1e6) };
        }
        result = name switch
        {
            "step" => result with
            {
                EveryEpochs = reader.Int32("every_epochs", null, 1, 1_000_000),
                Factor = reader.Number("factor", result.Factor, LeastFactor, MostFactor),
            },
            "polynomial" => result with { Power = reader.Number("power", result.Power, 0, 100) },
            "plateau" => result with
            {
                Monitor = reader.Text("monitor", result.Monitor),
                Factor = reader.Number("factor", result.Factor, LeastFactor, MostFactor),
                Patience = reader.Int32("patience", result.Patience, 1, 1_000_000),
                Reductions = reader.Int32("reductions", result.Reductions, 1, 1_000_000),
            },
            _ => result,
        };
        reader.Done();
        return result;
    }

    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name };
        if (WarmupEpochs > 0)
        {
            json["warmup_epochs"] = WarmupEpochs;
        }
        if (Name == "step")
        {
            json["every_epochs"] = EveryEpochs;
            json["factor"] = Factor;
        }
        else if (Name == "polynomial")
        {
            json["power"] = Power;
        }
        else if (Name == "plateau")
        {
            json["monitor"] = Monitor;
            json["factor"] = Factor;
            json["patience"] = Patience;
            json["reductions"] = Reductions;
        }
        return json;
    }
}
