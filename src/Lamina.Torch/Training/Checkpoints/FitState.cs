using System.Globalization;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The position and results of a training: everything except weights, optimizer and callbacks.</summary>
/// <param name="Epoch">The current epoch, from 0.</param>
/// <param name="Batches">The number of batches of the epoch that are complete.</param>
/// <param name="Means">The epoch's sums so far.</param>
/// <param name="Elapsed">The time spent on the epoch so far.</param>
/// <param name="Stop"><see langword="true"/> if a callback has asked to stop.</param>
/// <param name="History">The completed epochs.</param>
internal sealed record FitState(
    int Epoch,
    int Batches,
    MeansState Means,
    TimeSpan Elapsed,
    bool Stop,
    IReadOnlyList<EpochLog> History
)
{
    /// <summary><see langword="true"/> if the epoch has begun.</summary>
    public bool InEpoch => Batches > 0;

    public JsonObject ToJson()
    {
        JsonObject json = Common();
        if (Means.Names is { } names)
        {
            json["part_names"] = new JsonArray([.. names.Select(n => (JsonNode)n)]);
        }
        return json;
    }

    private JsonObject Common() =>
        new()
        {
            ["epoch"] = Epoch,
            ["batches"] = Batches,
            ["samples"] = Means.Samples,
            ["loss_sum"] = Text(Means.LossSum),
            ["part_sums"] = new JsonArray([.. Means.PartSums.Select(s => (JsonNode)Text(s))]),
            ["metrics"] = new JsonArray([
                .. Means.Metrics.Select(m => new JsonArray([.. m.Select(v => (JsonNode)Text(v))])),
            ]),
            ["elapsed_ticks"] = Elapsed.Ticks,
            ["stop"] = Stop,
            ["history"] = new JsonArray([.. History.Select(LogToJson)]),
        };

    /// <summary>Reads the output of <see cref="ToJson"/>; throws exceptions of JsonNode, or <see cref="FormatException"/>.</summary>
    public static FitState FromJson(JsonObject json)
    {
        return new FitState(
            Get(json, "epoch").GetValue<int>(),
            Get(json, "batches").GetValue<int>(),
            new MeansState(Number(Get(json, "loss_sum")), Get(json, "samples").GetValue<int>(), Metrics(json))
            {
                PartSums = [.. (json["part_sums"]?.AsArray() ?? []).Select(n => Number(n))],
                Names = json["part_names"]
                    ?.AsArray()
                    .Select(n => JsonValues.Required(n, "item").GetValue<string>())
                    .ToArray(),
            },
            TimeSpan.FromTicks(Get(json, "elapsed_ticks").GetValue<long>()),
            Get(json, "stop").GetValue<bool>(),
            [.. Get(json, "history").AsArray().Select(n => LogFromJson(JsonValues.Required(n, "item")))]
        );
    }

    // Checkpoints of version 0.1 contain the sum and the count of metrics that are means.
    private static double[][] Metrics(JsonObject json) =>
        json["metrics"] is { } metrics
            ?
            [
                .. metrics
                    .AsArray()
                    .Select(m => (double[])[.. JsonValues.Required(m, "metrics").AsArray().Select(v => Number(v))]),
            ]
            :
            [
                .. Get(json, "metric_sums")
                    .AsArray()
                    .Zip(
                        Get(json, "metric_counts").AsArray(),
                        (sum, count) =>
                            (double[])[Number(sum), JsonValues.Required(count, "metric_counts").GetValue<long>()]
                    ),
            ];

    // The shortest text that reads back as the same double; JSON's own numbers have no NaN.
    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double Number(JsonNode? node) =>
        double.Parse(
            JsonValues.Required(node, "number").GetValue<string>(),
            NumberStyles.Float,
            CultureInfo.InvariantCulture
        );

    private static JsonNode Get(JsonNode json, string key) => JsonValues.Required(json[key], key);

    private static JsonObject LogToJson(EpochLog log) =>
        new()
        {
            ["epoch"] = log.Epoch,
            ["epochs"] = log.Epochs,
            ["elapsed_ticks"] = log.Elapsed.Ticks,
            ["images_per_second"] = Text(log.ImagesPerSecond),
            ["logs"] = new JsonObject(log.Logs.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)Text(l.Value)))),
        };

    private static EpochLog LogFromJson(JsonNode json) =>
        new(
            Get(json, "epoch").GetValue<int>(),
            Get(json, "epochs").GetValue<int>(),
            TimeSpan.FromTicks(Get(json, "elapsed_ticks").GetValue<long>()),
            Number(Get(json, "images_per_second")),
            Get(json, "logs").AsObject().ToDictionary(l => l.Key, l => Number(l.Value))
        );
}
