using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>Gives all ranks the state of the first: its weights, and the checkpoint that it resumes from.</summary>
internal static class RankResume
{
    private const string State = "state";
    private const string Callbacks = "callbacks";
    private const string Optimizer = "optimizer";

    /// <summary>Copies the state from the first rank.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="run">The training.</param>
    /// <param name="resumed">On the first rank, where it resumes; <see langword="null"/> if it begins.</param>
    /// <returns>The state from which all ranks resume; <see langword="null"/> to start from the beginning.</returns>
    public static FitState? Share(RankSteps ranks, FitRun run, FitState? resumed)
    {
        IReadOnlyDictionary<string, NDArray> optimizer = resumed is null
            ? new Dictionary<string, NDArray>()
            : run.Compiled.GetOptimizerState();
        string? text = ranks.Share(resumed is null ? null : Describe(run, resumed, optimizer).ToJsonString());
        ShareWeights(ranks, run.Compiled.Model);
        if (text is null)
        {
            return null;
        }
        JsonObject json = JsonNode.Parse(text)!.AsObject();
        optimizer = ranks.IsFirst ? optimizer : Empty(json[Optimizer]!.AsObject());
        foreach ((_, NDArray values) in optimizer.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            ranks.Share(values.Values);
        }
        if (ranks.IsFirst)
        {
            return resumed;
        }
        run.Compiled.SetOptimizerState(optimizer);
        // The first rank has others besides, which write files.
        CallbackStates.SetKnown(run.Callbacks, json[Callbacks]!.AsObject());
        var state = FitState.FromJson(json[State]!.AsObject());
        run.Compiled.StopTraining = state.Stop;
        return state;
    }

    private static JsonObject Describe(FitRun run, FitState state, IReadOnlyDictionary<string, NDArray> optimizer) =>
        new()
        {
            [State] = state.ToJson(),
            [Callbacks] = CallbackStates.Get(run.Callbacks),
            [Optimizer] = new JsonObject(
                optimizer.Select(o =>
                    KeyValuePair.Create(
                        o.Key,
                        (JsonNode?)new JsonArray([.. o.Value.Shape.ToArray().Select(d => JsonValue.Create(d))])
                    )
                )
            ),
        };

    private static Dictionary<string, NDArray> Empty(JsonObject shapes) =>
        shapes.ToDictionary(
            s => s.Key,
            s => new NDArray(Shape.Of([.. s.Value!.AsArray().Select(d => d!.GetValue<int>())])),
            StringComparer.Ordinal
        );

    private static void ShareWeights(RankSteps ranks, Model model)
    {
        foreach (Weight weight in model.Weights)
        {
            float[] values = weight.GetValues();
            ranks.Share(values);
            if (!ranks.IsFirst)
            {
                weight.SetValues(values);
            }
        }
    }
}
