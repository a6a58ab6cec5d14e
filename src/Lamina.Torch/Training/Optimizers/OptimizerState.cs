namespace Lamina.Torch;

/// <summary>Converts an optimizer's state to named arrays in the weights' public layouts, and back.</summary>
internal static class OptimizerState
{
    private const string Iterations = "iterations";
    private const string UpdatesKey = "updates";
    private const string AccumulatedKey = "accumulated";
    private const string AveragesInKey = "averages_in";
    private const string RateKey = "learning_rate";
    private static readonly string[] s_scalars = [Iterations, UpdatesKey, AccumulatedKey, AveragesInKey, RateKey];

    public static Dictionary<string, NDArray> Write(Model model, Optimizer optimizer, WeightUpdates updates)
    {
        Dictionary<string, NDArray> state = new(StringComparer.Ordinal)
        {
            // Two exact floats hold any count below 2⁴⁸.
            [Iterations] = Scalars(updates.Steps >> 24, updates.Steps & 0xFFFFFF),
        };
        if (updates.Updates != updates.Steps)
        {
            state[UpdatesKey] = Scalars(updates.Updates >> 24, updates.Updates & 0xFFFFFF);
        }
        if (updates.Accumulated > 0)
        {
            state[AccumulatedKey] = Scalars(updates.Accumulated);
        }
        if (updates.AveragesIn)
        {
            state[AveragesInKey] = Scalars(1);
        }
        if (optimizer.Schedule is null)
        {
            // Callbacks change the rate; four exact floats hold the bits of a double.
            long bits = BitConverter.DoubleToInt64Bits(optimizer.LearningRate);
            state[RateKey] = Scalars(
                (bits >> 48) & 0xFFFF,
                (bits >> 32) & 0xFFFF,
                (bits >> 16) & 0xFFFF,
                bits & 0xFFFF
            );
        }
        foreach ((Weight weight, string key) in Keys(model))
        {
            foreach ((string slot, Tensor values) in updates.Kept(weight))
            {
                state[$"{key}/{slot}"] = updates.LayoutOf(weight).ToPublic(values);
            }
        }
        return state;
    }

    /// <summary>Replaces the present state. If the new state does not match, nothing changes.</summary>
    /// <exception cref="LaminaException">The state belongs to another model or optimizer.</exception>
    public static void Read(
        IReadOnlyDictionary<string, NDArray> state,
        Model model,
        Optimizer optimizer,
        WeightUpdates updates,
        Func<Plan?> plan
    )
    {
        long[] iterations =
            Whole(state, Iterations, 2)
            ?? throw new LaminaException(
                "The optimizer state has no 'iterations'. It was not written by this optimizer."
            );
        long steps = Join(iterations);
        long made = Whole(state, UpdatesKey, 2) is { } counted ? Join(counted) : steps;
        long accumulated = Whole(state, AccumulatedKey, 1)?[0] ?? 0;
        if (accumulated >= optimizer.GradientAccumulationSteps)
        {
            throw new LaminaException(
                $"The optimizer state contains the sum of {accumulated} batches, but {optimizer.Name} updates after "
                    + $"{optimizer.GradientAccumulationSteps}. Compile with the GradientAccumulationSteps of the run that saved it."
            );
        }
        bool averagesIn = Whole(state, AveragesInKey, 1) is [1];
        if (averagesIn && optimizer.EmaMomentum is null)
        {
            throw new LaminaException(
                $"The optimizer state belongs to a run that averages its weights; {optimizer.Name} does not. Set EmaMomentum."
            );
        }
        double? rate = Whole(state, RateKey, 4) is { } r
            ? BitConverter.Int64BitsToDouble((r[0] << 48) | (r[1] << 32) | (r[2] << 16) | r[3])
            : null;
        if (rate is { } value && !(double.IsFinite(value) && value >= 0))
        {
            throw Damaged(RateKey);
        }
        Dictionary<string, (Weight Weight, int Slot)> places = Places(state, model, updates);

        using (Plan? parameters = plan())
        {
            foreach ((Weight weight, bool isKernel) in parameters?.Parameters ?? [])
            {
                TorchParameter.Of(weight, isKernel, parameters!.Device);
            }
        }
        // Tensors that the state does not name start over, so that the same state always leads to the same run.
        updates.Clear();
        (updates.Steps, updates.Updates) = (steps, made);
        (updates.Accumulated, updates.AveragesIn) = ((int)accumulated, averagesIn);
        // The rate remains that of the last update until the next one.
        optimizer.Follow(Math.Max(0, made - 1));
        if (rate is { } set && optimizer.Schedule is null)
        {
            optimizer.LearningRate = set;
        }
        foreach ((string key, (Weight weight, int slot)) in places)
        {
            var storage = (TorchParameter)weight.Storage!;
            storage.FromPublic(state[key].Values, updates.SlotsOf(weight, storage.Value)[slot]);
        }
    }

    private static Dictionary<string, (Weight Weight, int Slot)> Places(
        IReadOnlyDictionary<string, NDArray> state,
        Model model,
        WeightUpdates updates
    )
    {
        Dictionary<string, (Weight Weight, int Slot)> all = new(StringComparer.Ordinal);
        LayerMatch layers = Layers(state, model);
        foreach ((Weight weight, string key) in Keys(model))
        {
            string stored = layers.NameOf(weight.Layer.Path) + key[weight.Layer.Path.Length..];
            for (int i = 0; i < updates.SlotNames.Count; i++)
            {
                all[$"{stored}/{updates.SlotNames[i]}"] = (weight, i);
            }
        }
        Dictionary<string, (Weight Weight, int Slot)> found = new(StringComparer.Ordinal);
        foreach ((string key, NDArray values) in state.Where(p => !s_scalars.Contains(p.Key)))
        {
            found[key] =
                all.TryGetValue(key, out (Weight Weight, int Slot) place) && values.Shape == place.Weight.Shape
                    ? place
                    : throw new LaminaException(
                        $"The optimizer state contains '{key}' {values.Shape}, which matches no weight of {model.Name} with this "
                            + "optimizer. Compile with the settings of the run that saved it."
                    );
        }
        return found;
    }

    // The same code creates the same model under other numbers a second time. A state contains only layers that are
    // trained.
    private static LayerMatch Layers(IReadOnlyDictionary<string, NDArray> state, Model model) =>
        LayerMatch.Find(
            [.. model.TrainableWeights.Select(w => ModelTensor.Of(w.Path, w)).DistinctBy(t => (t.Layer, t.Name))],
            [
                .. state
                    .Where(p => !s_scalars.Contains(p.Key))
                    .Select(p => new StoredTensor(
                        LayerOf(p.Key),
                        p.Key,
                        [.. p.Value.Shape.ToArray().Select(d => (long)d)]
                    )),
            ],
            "The optimizer state",
            inOrder: false
        );

    // The path of a weight, and the name of what is kept of it: block/dense/kernel/momentum.
    private static string LayerOf(string key)
    {
        int slot = key.LastIndexOf('/');
        int weight = slot > 0 ? key.LastIndexOf('/', slot - 1) : -1;
        return weight > 0 ? key[..weight] : "";
    }

    /// <summary>
    /// Returns each weight's path. Paths can repeat if models are nested; the weight's index then distinguishes them.
    /// </summary>
    public static IEnumerable<(Weight Weight, string Key)> Keys(Model model)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        int index = 0;
        foreach (Weight weight in model.Weights)
        {
            yield return (weight, seen.Add(weight.Path) ? weight.Path : $"{weight.Path}#{index}");
            index++;
        }
    }

    private static NDArray Scalars(params ReadOnlySpan<float> values) => new([values.Length], values.ToArray());

    private static long[]? Whole(IReadOnlyDictionary<string, NDArray> state, string key, int count)
    {
        if (!state.TryGetValue(key, out NDArray? array))
        {
            return null;
        }
        float[] values = array.Values.ToArray();
        return values.Length == count && values.All(v => v >= 0 && v <= 1 << 24 && v == MathF.Floor(v))
            ? [.. values.Select(v => (long)v)]
            : throw Damaged(key);
    }

    private static long Join(long[] halves) => (halves[0] << 24) | halves[1];

    private static LaminaException Damaged(string key) =>
        new($"The optimizer state's '{key}' is damaged. Use another checkpoint.");
}
