using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A checkpoint: a saved model (weights with moving statistics, optimizer state, checksums) whose metadata contains
/// everything else that a run needs to end with the same bytes. It can be loaded like any saved model.
/// </summary>
internal sealed class Checkpoint
{
    private const string Key = "checkpoint";
    private const int Version = 1;

    private readonly JsonObject _fingerprint;
    private readonly JsonObject _callbacks;
    private readonly string[] _names;
    private readonly IReadOnlyList<NDArray> _weights;
    private readonly IReadOnlyDictionary<string, NDArray> _optimizer;

    private Checkpoint(
        string path,
        JsonObject json,
        IReadOnlyList<NDArray> weights,
        IReadOnlyDictionary<string, NDArray> optimizer
    )
    {
        (Path, _weights, _optimizer) = (path, weights, optimizer);
        State = FitState.FromJson(Part(json, "fit").AsObject());
        _fingerprint = Part(json, "fingerprint").AsObject();
        _callbacks = Part(json, "callbacks").AsObject();
        _names = [.. Part(json, "weights").AsArray().Select(n => JsonValues.Required(n, "weights").GetValue<string>())];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The position of the run.</summary>
    public FitState State { get; }

    /// <summary>Saves a run atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="run">The model and its optimizer, callbacks and data.</param>
    /// <param name="state">The position of the run.</param>
    /// <param name="metadata">Further metadata for readers of the model.</param>
    /// <exception cref="LossException">A weight is not finite; the previous checkpoint is better.</exception>
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

    /// <summary>Reads and verifies a file.</summary>
    /// <exception cref="ModelFileException">The file is damaged, or not a checkpoint.</exception>
    /// <exception cref="LaminaException">
    /// The file is intact but of another version: an older checkpoint must not be used instead.
    /// </exception>
    public static Checkpoint Load(string path)
    {
        (JsonObject metadata, IReadOnlyList<NDArray> weights, IReadOnlyDictionary<string, NDArray> optimizer) =
            ModelFile.LoadParts(path);
        try
        {
            JsonObject json = Part(metadata, Key).AsObject();
            if (Part(json, "version").GetValue<int>() != Version)
            {
                throw new LaminaException(
                    $"{path}: is a checkpoint of another version of Lamina. Resume with that version."
                );
            }
            return new Checkpoint(path, json, weights, optimizer);
        }
        catch (Exception e)
            when (e
                    is InvalidOperationException
                        or FormatException
                        or OverflowException
                        or ArgumentException
                        or JsonException
            )
        {
            throw new ModelFileException($"{path}: is not a checkpoint of a run.", e);
        }
    }

    private static JsonNode Part(JsonObject json, string key) => JsonValues.Required(json[key], key);

    /// <summary>Restores a run to the state of the checkpoint.</summary>
    /// <exception cref="LaminaException">The run differs; the message says in what.</exception>
    public void Apply(FitRun run)
    {
        CompiledModel compiled = run.Compiled;
        IReadOnlyList<Weight> weights = compiled.Model.Weights;
        string? difference = FitFingerprint.Difference(_fingerprint, FitFingerprint.Of(compiled, run.Train));
        if (difference is null && !weights.Select(w => w.Shape).SequenceEqual(_weights.Select(w => w.Shape)))
        {
            difference = "model";
        }
        if (difference is not null)
        {
            throw new LaminaException(
                $"{Path}: belongs to a run that differs in {difference}. Use the same settings, or another folder to start over."
            );
        }
        for (int i = 0; i < weights.Count; i++)
        {
            weights[i].SetValues(_weights[i].Values);
        }
        compiled.SetOptimizerState(Renamed(compiled));
        CallbackStates.Set(run.Callbacks, _callbacks, Path);
        compiled.StopTraining = State.Stop;
    }

    // By position, because the same code creates the same model under other names the second time in a process.
    private Dictionary<string, NDArray> Renamed(CompiledModel compiled)
    {
        Dictionary<string, string> names = _names
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

/// <summary>A training, as a checkpoint saves it.</summary>
internal sealed record FitRun(CompiledModel Compiled, IReadOnlyList<Callback> Callbacks, IBatchSource Train)
{
    /// <summary>The batches of this process: those of <see cref="Train"/>, or a rank's parts of them.</summary>
    public IBatchSource Part { get; init; } = Train;
}
