using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A checkpoint: a saved model (weights with the moving statistics, optimizer state, checksums of all) whose metadata holds
/// the rest of what a run needs to end with the same bytes. It loads as any saved model does.
/// </summary>
internal sealed class Checkpoint
{
    private const string Key = "checkpoint";
    private const int Version = 1;

    private readonly JsonObject _json;
    private readonly IReadOnlyList<NDArray> _weights;
    private readonly IReadOnlyDictionary<string, NDArray> _optimizer;

    private Checkpoint(
        string path,
        JsonObject json,
        IReadOnlyList<NDArray> weights,
        IReadOnlyDictionary<string, NDArray> optimizer
    )
    {
        (Path, _json, _weights, _optimizer) = (path, json, weights, optimizer);
        State = FitState.FromJson(json["fit"]!.AsObject());
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Where the run was.</summary>
    public FitState State { get; }

    /// <summary>Saves a run, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="run">The model and its optimizer, callbacks and data.</param>
    /// <param name="state">Where it is.</param>
    /// <param name="metadata">What else a reader of the model may want.</param>
    /// <exception cref="LossException">A weight is not finite: what was saved before is better.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Save(string path, FitRun run, FitState state, JsonObject? metadata)
    {
        CompiledModel compiled = run.Compiled;
        foreach (Weight weight in compiled.Model.Weights)
        {
            if (weight.GetValues().AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw LossException.OfWeight(weight, compiled.Step, state.Epoch);
            }
        }
        JsonObject all = metadata?.DeepClone().AsObject() ?? [];
        all[Key] = new JsonObject
        {
            ["version"] = Version,
            ["step"] = compiled.Step,
            ["fit"] = state.ToJson(),
            ["callbacks"] = CallbackStates.Get(run.Callbacks),
            ["weights"] = new JsonArray([.. OptimizerState.Keys(compiled.Model).Select(k => JsonValue.Create(k.Key))]),
            ["fingerprint"] = FitFingerprint.Of(compiled, run.Train),
        };
        ModelFile.Save(
            compiled.Model,
            path,
            new SaveOptions { Metadata = all, OptimizerState = compiled.GetOptimizerState() }
        );
    }

    /// <summary>Reads a file, verifying all of it.</summary>
    /// <exception cref="ModelFileException">It is damaged, or no checkpoint.</exception>
    /// <exception cref="LaminaException">It is whole, and of another version: an older one is not to be used instead.</exception>
    public static Checkpoint Load(string path)
    {
        (JsonObject metadata, IReadOnlyList<NDArray> weights, IReadOnlyDictionary<string, NDArray> optimizer) =
            ModelFile.LoadParts(path);
        try
        {
            JsonObject json = metadata[Key]!.AsObject();
            if (json["version"]!.GetValue<int>() != Version)
            {
                throw new LaminaException(
                    $"{path}: is a checkpoint of another version of Lamina. Go on with that one."
                );
            }
            return new Checkpoint(path, json, weights, optimizer);
        }
        catch (Exception e)
            when (e
                    is NullReferenceException
                        or InvalidOperationException
                        or FormatException
                        or OverflowException
                        or ArgumentException
                        or JsonException
            )
        {
            throw new ModelFileException($"{path}: is no checkpoint of a run.", e);
        }
    }

    /// <summary>Puts a run where the checkpoint's was.</summary>
    /// <exception cref="LaminaException">It is not the same run: the message says what differs.</exception>
    public void Apply(FitRun run)
    {
        CompiledModel compiled = run.Compiled;
        IReadOnlyList<Weight> weights = compiled.Model.Weights;
        string? difference = FitFingerprint.Difference(
            _json["fingerprint"]!.AsObject(),
            FitFingerprint.Of(compiled, run.Train)
        );
        if (difference is null && !weights.Select(w => w.Shape).SequenceEqual(_weights.Select(w => w.Shape)))
        {
            difference = "model";
        }
        if (difference is not null)
        {
            throw new LaminaException(
                $"{Path}: is of a run that differs in {difference}. Run it as it was, or name another folder to begin anew."
            );
        }
        for (int i = 0; i < weights.Count; i++)
        {
            weights[i].SetValues(_weights[i].Values);
        }
        compiled.SetOptimizerState(Renamed(compiled));
        CallbackStates.Set(run.Callbacks, _json["callbacks"]!.AsObject(), Path);
        compiled.StopTraining = State.Stop;
    }

    // By position, since the same code builds the same model under other names a second time in a process.
    private Dictionary<string, NDArray> Renamed(CompiledModel compiled)
    {
        Dictionary<string, string> names = _json["weights"]!
            .AsArray()
            .Select(n => n!.GetValue<string>())
            .Zip(OptimizerState.Keys(compiled.Model), (then, now) => (then, now.Key))
            .ToDictionary(p => p.then, p => p.Key, StringComparer.Ordinal);
        return _optimizer.ToDictionary(
            entry =>
                entry.Key.LastIndexOf('/') is var slash
                && slash > 0
                && names.TryGetValue(entry.Key[..slash], out string? name)
                    ? name + entry.Key[slash..]
                    : entry.Key,
            entry => entry.Value,
            StringComparer.Ordinal
        );
    }
}

/// <summary>A training: what a checkpoint is of.</summary>
internal sealed record FitRun(CompiledModel Compiled, IReadOnlyList<Callback> Callbacks, IBatchSource Train);
