using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Settings for mixing the samples of a training batch in pairs: mixup (Zhang et al. 2018), CutMix (Yun et al. 2019), or
/// one of the two per batch. <see cref="MixedBatches"/> applies them.
/// </summary>
/// <remarks>
/// Mixup averages two images and their labels with weights λ and 1 − λ. CutMix pastes a box of 1 − λ of the area of one
/// image into another, and weights the labels by the visible areas. λ is drawn from Beta(α, α) once per batch.
/// </remarks>
public sealed record Mixing
{
    private const double LeastAlpha = 0.001;
    private const double MostAlpha = 1000;

    /// <summary>The α of mixup: 0 for off, or 0.001 to 1000. Usual values are 0.1 to 0.4. Default: 0.</summary>
    public double MixUp { get; init; }

    /// <summary>The α of CutMix: 0 for off, or 0.001 to 1000. The usual value is 1. Default: 0.</summary>
    public double CutMix { get; init; }

    /// <summary>The fraction of batches that are mixed, 0 to 1. Default: 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>
    /// The fraction of mixed batches that use CutMix if mixup is on too, 0 to 1. Default: 0.5.
    /// </summary>
    public double SwitchProbability { get; init; } = 0.5;

    /// <summary><see langword="true"/> if any batch can be mixed.</summary>
    public bool IsOn => Probability > 0 && (MixUp > 0 || CutMix > 0);

    /// <summary>Throws if a value is out of its range.</summary>
    /// <exception cref="ConfigException">A value is out of its range; the message names both.</exception>
    public void Validate()
    {
        RequireAlpha(MixUp, nameof(MixUp));
        RequireAlpha(CutMix, nameof(CutMix));
        RequireShare(Probability, nameof(Probability));
        RequireShare(SwitchProbability, nameof(SwitchProbability));
    }

    /// <summary>Returns the values as JSON: <c>mixup</c>, <c>cutmix</c>, <c>probability</c>, <c>switch_probability</c>.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["mixup"] = MixUp,
            ["cutmix"] = CutMix,
            ["probability"] = Probability,
            ["switch_probability"] = SwitchProbability,
        };

    /// <summary>Reads the output of <see cref="ToJson"/>; missing keys have their defaults.</summary>
    /// <param name="json">The object.</param>
    /// <exception cref="ConfigException">A key is unknown, or a value is out of its range.</exception>
    public static Mixing FromJson(JsonNode? json)
    {
        if (json is not JsonObject values)
        {
            throw new ConfigException("Mixing: must be an object with mixup, cutmix, probability, switch_probability.");
        }
        var reader = new ConfigReader(values, "Mixing");
        var result = new Mixing
        {
            MixUp = reader.AnyNumber("mixup", 0),
            CutMix = reader.AnyNumber("cutmix", 0),
            Probability = reader.AnyNumber("probability", 1),
            SwitchProbability = reader.AnyNumber("switch_probability", 0.5),
        };
        reader.Done();
        result.Validate();
        return result;
    }

    /// <summary>Draws how a batch is mixed.</summary>
    /// <param name="random">The batch's stream.</param>
    /// <returns>The kind of mixing, and λ, the weight of each sample itself, 0 to 1.</returns>
    internal (MixingKind Kind, double Lambda) Draw(ref RandomStream random)
    {
        // All are drawn regardless of the values, so that one value does not shift the draws of another.
        double whether = random.NextDouble();
        double which = random.NextDouble();
        if (!IsOn || whether >= Probability)
        {
            return (MixingKind.None, 1);
        }
        bool cut = CutMix > 0 && (MixUp == 0 || which < SwitchProbability);
        double alpha = cut ? CutMix : MixUp;
        return (cut ? MixingKind.CutMix : MixingKind.MixUp, random.NextBeta(alpha, alpha));
    }

    private static void RequireAlpha(double value, string name) =>
        Require(
            value is 0 or (>= LeastAlpha and <= MostAlpha),
            name,
            value,
            FormattableString.Invariant($"0 for off, or from {LeastAlpha} to {MostAlpha}")
        );

    private static void RequireShare(double value, string name) =>
        Require(value is >= 0 and <= 1, name, value, "from 0 to 1");

    private static void Require(bool holds, string name, double value, string range)
    {
        if (!holds)
        {
            throw new ConfigException(FormattableString.Invariant($"Mixing: {name} is {value}; it must be {range}."));
        }
    }
}

/// <summary>The kind of mixing of a batch.</summary>
internal enum MixingKind
{
    /// <summary>No mixing.</summary>
    None,

    /// <summary>Mixup: images are averaged.</summary>
    MixUp,

    /// <summary>CutMix: a box is pasted.</summary>
    CutMix,
}
