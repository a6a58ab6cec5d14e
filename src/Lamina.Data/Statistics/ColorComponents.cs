using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The principal components of a training set's colors, largest first: one for gray, three for color.</summary>
/// <param name="Deviations">The standard deviation along each component, in pixel values from 0 to 255.</param>
/// <param name="Vectors">The unit vector of each component, one value per channel.</param>
public sealed record ColorComponents(IReadOnlyList<double> Deviations, IReadOnlyList<IReadOnlyList<double>> Vectors)
{
    /// <summary>Throws if the sizes of deviations and vectors do not match.</summary>
    /// <exception cref="ConfigException">The sizes do not match, or a value is invalid.</exception>
    public void Validate()
    {
        bool fits =
            Deviations is { Count: 1 or 3 }
            && Vectors is not null
            && Vectors.Count == Deviations.Count
            && Deviations.All(d => d >= 0 && double.IsFinite(d))
            && Vectors.All(v => v is not null && v.Count == Deviations.Count && v.All(double.IsFinite));
        if (!fits)
        {
            throw new ConfigException(
                "ColorComponents: must have 1 or 3 deviations of at least 0, and as many vectors of as many finite values."
            );
        }
    }

    /// <summary>Returns the components as JSON.</summary>
    public JsonObject ToJson() =>
        new() { ["deviations"] = Array(Deviations), ["vectors"] = new JsonArray([.. Vectors.Select(Array)]) };

    /// <summary>Reads the output of <see cref="ToJson"/>.</summary>
    /// <exception cref="ConfigException">The JSON is invalid.</exception>
    public static ColorComponents FromJson(JsonNode? json)
    {
        try
        {
            JsonObject map = Required(json).AsObject();
            if (map.Select(p => p.Key).FirstOrDefault(k => k is not ("deviations" or "vectors")) is not null)
            {
                throw new FormatException();
            }
            var result = new ColorComponents(
                Numbers(map["deviations"]),
                [.. Required(map["vectors"]).AsArray().Select(Numbers)]
            );
            result.Validate();
            return result;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new ConfigException(
                "ColorComponents: the JSON must be { \"deviations\": [numbers], \"vectors\": [[numbers]] }."
            );
        }
    }

    /// <inheritdoc/>
    public bool Equals(ColorComponents? other) =>
        other is not null
        && Deviations.SequenceEqual(other.Deviations)
        && Vectors.SelectMany(v => v).SequenceEqual(other.Vectors.SelectMany(v => v));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Deviations.Count, Deviations[0]);

    private static JsonArray Array(IReadOnlyList<double> values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static JsonNode Required(JsonNode? node) => node ?? throw new FormatException();

    private static double[] Numbers(JsonNode? json) =>
        [
            .. Required(json)
                .AsArray()
                .Select(v =>
                    double.Parse(Required(v).ToJsonString(), System.Globalization.CultureInfo.InvariantCulture)
                ),
        ];
}
