namespace Lamina.Torch;

/// <summary>
/// An objective for targets of known shapes: what a plan is fed and computes, and the loss, the gradients that backward
/// starts from, and the metrics from its results.
/// </summary>
internal sealed class BoundObjective
{
    private readonly Model _model;
    private readonly IReadOnlyList<LossTerm> _terms;
    private readonly IReadOnlyList<Symbol> _added;
    private readonly MetricUpdates _metrics;
    private readonly int _losses;

    /// <param name="model">The model.</param>
    /// <param name="terms">The losses of its outputs.</param>
    /// <param name="added">The values that are added to the loss.</param>
    /// <param name="metrics">The metrics.</param>
    public BoundObjective(
        Model model,
        IReadOnlyList<LossTerm> terms,
        IReadOnlyList<Symbol> added,
        IReadOnlyList<OutputMetric> metrics
    )
    {
        (_model, _terms, _added) = (model, terms, added);
        Inputs = [.. model.Inputs, .. terms.Select(t => t.Target)];
        // The scores first, so that the model's ops have the same positions in a plan as without losses: dropout masks
        // depend on them.
        List<Symbol> targets = [.. terms.Select(t => t.Scores)];
        _metrics = new MetricUpdates(terms, metrics);
        _losses = targets.Count;
        Targets = [.. targets, .. terms.Select(t => t.Losses), .. added, .. _metrics.Values];
    }

    /// <summary>The inputs of the plan.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The symbols that the plan computes: the scores, the losses, the values of metrics.</summary>
    public IReadOnlyList<Symbol> Targets { get; }

    /// <summary>Returns the ops of training.</summary>
    public OpGraph TrainingGraph() =>
        new(Inputs, Targets, training: true) { Seeds = _losses..(_losses + _terms.Count + _added.Count) };

    /// <summary>Returns the inputs of the plan for a batch.</summary>
    /// <exception cref="LaminaException">A value of the targets is not allowed.</exception>
    public Tensor[] Feed(Batch batch, Device device)
    {
        for (int i = 0; i < _terms.Count; i++)
        {
            _terms[i].Part.Loss.RequireValues(batch.Targets[i], _terms[i].Output.Shape);
        }
        _metrics.RequireTargets(batch);
        List<Tensor> inputs = [.. Lamina.Feed.ToTensors(_model, batch.Inputs, device)];
        for (int i = 0; i < _terms.Count; i++)
        {
            NDArray values = batch.Targets[i];
            int?[] dims = [values.Count, .. _terms[i].Target.Shape.Sample];
            inputs.Add(Tensor.FromSpan(values.Values, [.. dims.Select(d => (long)d!.Value)], device));
        }
        return [.. inputs];
    }

    /// <summary>Returns the gradients that backward starts from: the weight of each value in the mean loss.</summary>
    /// <param name="results">The results of the plan.</param>
    /// <param name="batch">The samples.</param>
    /// <returns>One for each result, owned by the caller; <see langword="null"/> for those that are not losses.</returns>
    public List<Tensor?> Slopes(ReadOnlySpan<Tensor> results, Batch batch)
    {
        var slopes = new List<Tensor?>(Enumerable.Repeat<Tensor?>(null, results.Length));
        for (int i = 0; i < _terms.Count; i++)
        {
            double share = _terms[i].Part.Weight / results[_losses + i].Count;
            NDArray? weights = batch.WeightsOf(i);
            slopes[_losses + i] = SlopeOf(
                results[_losses + i],
                (j, size) => (float)(share * (weights is null ? 1 : weights.Values[j / size])),
                weights?.Values.Length ?? 1
            );
        }
        for (int i = 0; i < _added.Count; i++)
        {
            int at = _losses + _terms.Count + i;
            float share = (float)ShareOf(_added[i], results[at]);
            slopes[at] = SlopeOf(results[at], (_, _) => share, 1);
        }
        return slopes;
    }

    /// <summary>Returns the bytes of the results beside the scores.</summary>
    public long BytesOf(ReadOnlySpan<Tensor> results)
    {
        long bytes = 0;
        foreach (Tensor result in results.IsEmpty ? results : results[_losses..])
        {
            bytes += result.Count * sizeof(float);
        }
        return bytes;
    }

    /// <summary>Frees the scores, which nothing reads after the plan has run.</summary>
    public void FreeScores(Tensor[] results) => Lamina.Feed.Free(results[.._losses]);

    /// <summary>Returns what a later reading of the results needs of a batch, in memory that no other batch reuses.</summary>
    public static Batch Kept(Batch batch) =>
        batch with
        {
            Inputs = [new NDArray(Shape.Of(batch.Inputs[0].Count))],
            Targets = [],
            SampleWeights = batch.SampleWeights is null
                ? null
                : [.. batch.SampleWeights.Select(w => w is null ? null : new NDArray(w.Shape, w.Values.ToArray()))],
        };

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="results">The results of the plan.</param>
    /// <param name="batch">The samples.</param>
    public BatchLoss Loss(ReadOnlySpan<Tensor> results, Batch batch)
    {
        double total = 0;
        double[] parts = _terms.Count > 1 || _terms[0].Part.Name.Length > 0 ? new double[_terms.Count] : [];
        for (int i = 0; i < _terms.Count; i++)
        {
            double value = MeanOf(HostValues.Of(results[_losses + i]), batch.WeightsOf(i));
            // As in its gradient, a loss that does not count may be anything.
            total += _terms[i].Part.Weight == 0 ? 0 : _terms[i].Part.Weight * value;
            if (parts.Length > 0)
            {
                parts[i] = value;
            }
        }
        for (int i = 0; i < _added.Count; i++)
        {
            Tensor result = results[_losses + _terms.Count + i];
            double sum = 0;
            foreach (float value in HostValues.Of(result))
            {
                sum += value;
            }
            total += sum * ShareOf(_added[i], result);
        }
        return new BatchLoss(total, parts);
    }

    /// <summary>Updates metrics by the results of a batch.</summary>
    /// <param name="results">The results of the plan.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">The metrics; empty to update none.</param>
    public void Update(ReadOnlySpan<Tensor> results, Batch batch, IReadOnlyList<OutputMetric> metrics) =>
        _metrics.Update(results, batch, metrics);

    // The mean of a value with a batch, the sum of any other.
    private static double ShareOf(Symbol symbol, Tensor result) =>
        symbol.Shape.Rank > 0 && symbol.Shape[0] is null ? 1.0 / result.Count : 1;

    private static double MeanOf(ReadOnlySpan<float> losses, NDArray? weights)
    {
        int size = losses.Length / Math.Max(1, weights?.Values.Length ?? 1);
        double sum = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            double weight = weights is null ? 1 : weights.Values[i / size];
            // A sample that does not count may have a loss that is not finite.
            sum += weight == 0 ? 0 : weight * losses[i];
        }
        return sum / losses.Length;
    }

    private static Tensor SlopeOf(Tensor result, Func<int, int, float> slope, int weights)
    {
        var values = new float[result.Count];
        int size = values.Length / Math.Max(1, weights);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = slope(i, size);
        }
        return Tensor.FromSpan(values, result.Sizes, result.Device);
    }
}
