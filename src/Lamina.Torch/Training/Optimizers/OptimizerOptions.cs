using System.Text.Json.Nodes;

namespace Lamina.Torch;

/// <summary>The options of every optimizer besides its own rule.</summary>
internal sealed record OptimizerOptions
{
    public LearningRateSchedule? Schedule { get; init; }

    public IReadOnlyList<WeightRule> Rules { get; init; } = [];

    public int GradientAccumulationSteps { get; init; } = 1;

    public double? EmaMomentum { get; init; }

    public double? ClipValue { get; init; }

    public double? ClipNorm { get; init; }

    public static OptimizerOptions Read(ConfigReader reader)
    {
        List<WeightRule> rules = [];
        LearningRateSchedule? schedule = reader.IsPart("learning_rate")
            ? LearningRateSchedule.FromConfig(reader.Part("learning_rate"))
            : null;
        foreach (ConfigReader rule in reader.Parts("rules"))
        {
            string weights = rule.Text("weights");
            double rate = rule.Number("learning_rate", 1);
            double decay = rule.Number("weight_decay", 1);
            rule.Done();
            rules.Add(
                string.IsNullOrWhiteSpace(weights)
                    ? throw rule.Error("'weights' is empty; it must be the name or path of weights.")
                    : new WeightRule(weights, rate, decay)
            );
        }
        return new OptimizerOptions
        {
            Schedule = schedule,
            Rules = rules,
            GradientAccumulationSteps = (int)reader.Whole("gradient_accumulation_steps", 1, 1, int.MaxValue),
            EmaMomentum = reader.OptionalNumber("ema_momentum", 0, 1),
            ClipValue = Positive(reader, "clipvalue"),
            ClipNorm = Positive(reader, "clipnorm"),
        };
    }

    public void Write(JsonObject config)
    {
        config["rules"] = new JsonArray([
            .. Rules.Select(r => new JsonObject
            {
                ["weights"] = r.Weights,
                ["learning_rate"] = r.LearningRate,
                ["weight_decay"] = r.WeightDecay,
            }),
        ]);
        config["gradient_accumulation_steps"] = GradientAccumulationSteps;
        config["ema_momentum"] = EmaMomentum;
        config["clipvalue"] = ClipValue;
        config["clipnorm"] = ClipNorm;
    }

    private static double? Positive(ConfigReader reader, string key) =>
        reader.OptionalNumber(key) is { } value
            ? value > 0
                ? value
                : throw reader.Error($"'{key}' is 0; it must be above 0, or null.")
            : null;
}
