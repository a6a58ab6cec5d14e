namespace Lamina.Torch;

/// <summary>The losses of a model's outputs, which training minimizes and an evaluation reports.</summary>
internal sealed class Objective(Model model, IReadOnlyList<OutputLoss> parts)
{
    /// <summary>The losses, in the order of their targets.</summary>
    public IReadOnlyList<OutputLoss> Parts { get; } = parts;

    /// <summary>The values that are added to the loss: penalties of trained weights, and those that layers add.</summary>
    public IReadOnlyList<Symbol> Added { get; private init; } = model.Losses;

    /// <summary>The outputs with losses.</summary>
    public IReadOnlyList<Symbol> Outputs => [.. Parts.Select(p => model.Outputs[p.Output])];

    /// <summary>The names of the outputs' losses in logs; empty if the model has one output.</summary>
    public IReadOnlyList<string> PartKeys => [.. Parts.Where(p => p.Name.Length > 0).Select(p => p.Key("loss"))];

    /// <summary>
    /// Returns a name for the plan that the targets of a batch require; equal shapes have equal names.
    /// </summary>
    public string KeyOf(Batch batch) => string.Join(';', Targets(batch).Select(t => t.Shape.Sample.ToString()));

    /// <summary>Creates the objective for targets of the shapes of a batch.</summary>
    public BoundObjective Bind(Batch batch, IReadOnlyList<OutputMetric> metrics) =>
        Bind([.. Targets(batch).Select(t => t.Shape)], metrics);

    /// <summary>Creates the objective for targets of some shapes.</summary>
    public BoundObjective Bind(IReadOnlyList<Shape> targets, IReadOnlyList<OutputMetric> metrics)
    {
        OpGraph.RequireKnownSizes(model.Inputs);
        return new(model, [.. Parts.Select((p, i) => LossTerm.Create(p, model, targets[i]))], Added, metrics);
    }

    private IReadOnlyList<NDArray> Targets(Batch batch) =>
        batch.Targets.Count == Parts.Count
            ? batch.Targets
            : throw new LaminaException(
                $"{model.Name} needs {(Parts.Count == 1 ? "one target" : $"{Parts.Count} targets")} per batch, got {batch.Targets.Count}."
            );

    /// <summary>Returns the objective of a model with one output.</summary>
    /// <exception cref="LaminaException">The model has several.</exception>
    public static Objective Of(Model model, Loss loss) =>
        model.Outputs.Count == 1
            ? new Objective(model, [new OutputLoss(0, "", loss)])
            : throw new LaminaException(
                $"{model.Name} has {model.Outputs.Count} outputs: {string.Join(", ", NamesOf(model))}. Pass losses, one for each output that is trained."
            );

    /// <summary>Returns the objective of a loss alone, without penalties and what layers add.</summary>
    /// <exception cref="LaminaException">The model has several outputs.</exception>
    public static Objective Alone(Model model, Loss loss) => new(model, Of(model, loss).Parts) { Added = [] };

    /// <summary>Returns an objective without losses, for a step that has its own.</summary>
    public static Objective None(Model model) => new(model, []) { Added = [] };

    /// <summary>Returns the objective of losses by the index of their outputs.</summary>
    /// <exception cref="LaminaException">A list does not match the outputs, or no output has a loss.</exception>
    public static Objective Of(Model model, IReadOnlyList<Loss?> losses, IReadOnlyList<double>? weights)
    {
        string[] names = NamesOf(model);
        if (losses.Count != names.Length || (weights is not null && weights.Count != names.Length))
        {
            throw new LaminaException(
                $"{model.Name} has {names.Length} outputs ({string.Join(", ", names)}) and got {losses.Count} losses and {weights?.Count ?? names.Length} loss weights. Pass one for each output."
            );
        }
        List<OutputLoss> parts = [];
        for (int i = 0; i < names.Length; i++)
        {
            double weight = weights?[i] ?? 1;
            if (!double.IsFinite(weight))
            {
                throw new LaminaException($"The loss weight of {names[i]} is {weight}. It must be finite.");
            }
            if (losses[i] is { } loss)
            {
                parts.Add(new OutputLoss(i, names.Length == 1 ? "" : names[i], loss, weight));
            }
        }
        return parts.Count > 0
            ? new Objective(model, parts)
            : throw new LaminaException(
                $"{model.Name}: no output has a loss. Pass a loss for one of {string.Join(", ", names)}."
            );
    }

    /// <summary>Returns the objective of the same outputs with other losses.</summary>
    /// <exception cref="LaminaException">Another set of outputs has losses.</exception>
    public Objective ForValidation(IReadOnlyList<Loss?> losses, IReadOnlyList<double>? weights)
    {
        Objective other = Of(model, losses, weights);
        return other.Parts.Select(p => p.Output).SequenceEqual(Parts.Select(p => p.Output))
            ? other
            : throw new LaminaException(
                $"{model.Name}: validationLosses are for {string.Join(", ", other.Parts.Select(p => p.Name))}, losses for {string.Join(", ", Parts.Select(p => p.Name))}. Pass both for the same outputs."
            );
    }

    /// <summary>Returns the values of outputs in their order, from values by the outputs' names.</summary>
    /// <exception cref="LaminaException">A name is not that of an output.</exception>
    public static T[] InOrder<T>(Model model, IReadOnlyDictionary<string, T> byName, T orElse)
    {
        string[] names = NamesOf(model);
        return byName.Keys.FirstOrDefault(k => !names.Contains(k)) is { } unknown
            ? throw new LaminaException(
                $"{model.Name} has no output '{unknown}'. Its outputs are {string.Join(", ", names)}."
            )
            : [.. names.Select(n => byName.TryGetValue(n, out T? value) ? value : orElse)];
    }

    /// <summary>Returns the metrics of outputs, given by the index of the outputs.</summary>
    /// <exception cref="LaminaException">
    /// The number of lists differs from the number of outputs, or an output with metrics has no loss.
    /// </exception>
    /// <param name="metrics">The metrics of each output.</param>
    /// <param name="areWeighted"><see langword="true"/> if sample weights apply.</param>
    public IReadOnlyList<OutputMetric> Metrics(IReadOnlyList<IReadOnlyList<Metric>?> metrics, bool areWeighted = false)
    {
        List<OutputMetric> all = [];
        for (int output = 0; output < metrics.Count; output++)
        {
            foreach (Metric metric in metrics[output] ?? [])
            {
                int term = Parts.TakeWhile(p => p.Output != output).Count();
                metric.Check(model.Outputs[Math.Min(output, model.Outputs.Count - 1)].Shape);
                all.Add(
                    metrics.Count == model.Outputs.Count && term < Parts.Count
                        ? new OutputMetric(term, Parts[term].Key(metric.Name), metric, areWeighted)
                        : throw new LaminaException(
                            $"{model.Name}: the metric {metric.Name} belongs to an output without a loss. Pass metrics for outputs that have one."
                        )
                );
            }
        }
        return all;
    }

    /// <summary>Returns the names of a model's outputs.</summary>
    public static string[] NamesOf(Model model)
    {
        // A layer that is applied twice may compute two outputs.
        HashSet<string> seen = new(StringComparer.Ordinal);
        return
        [
            .. model.Outputs.Select(
                (o, i) =>
                    o.Layer?.Name is { } name && seen.Add(name) ? name : FormattableString.Invariant($"output_{i}")
            ),
        ];
    }
}
