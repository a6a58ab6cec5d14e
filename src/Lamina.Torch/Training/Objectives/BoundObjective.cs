namespace Lamina.Torch;

/// <summary>An objective for targets of known shapes.</summary>
internal sealed class BoundObjective
{
    private readonly Model _model;
    private readonly IReadOnlyList<LossTerm> _terms;
    private readonly IReadOnlyList<PlannedMetric> _metrics;
    private readonly (Symbol Target, int Index)[] _fed;
    private readonly int[] _starts;
    private readonly IReadOnlyList<Symbol> _added;
    private readonly int _firstAdded;
    private float[] _scores = [];

    public BoundObjective(
        Model model,
        IReadOnlyList<LossTerm> terms,
        IReadOnlyList<PlannedMetric> metrics,
        IReadOnlyList<Symbol> added
    )
    {
        (_model, _terms, _metrics, _added) = (model, terms, metrics, added);
        _fed =
        [
            .. terms.Select((t, i) => (t.Target!, i)).Where(t => t.Item1 is not null),
            .. metrics.Select(m => (m.Target, m.Term)),
        ];
        Inputs = [.. model.Inputs, .. _fed.Select(f => f.Target)];
        _starts = new int[terms.Count];
        for (int i = 1; i < terms.Count; i++)
        {
            _starts[i] = _starts[i - 1] + terms[i - 1].Computed.Count;
        }
        _firstAdded = _starts[^1] + terms[^1].Computed.Count;
        Targets = [.. terms.SelectMany(t => t.Computed), .. added, .. metrics.Select(m => m.Values)];
    }

    /// <summary>The inputs of the plan.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The symbols that the plan computes: those of the losses, those added to them, those of metrics.</summary>
    public IReadOnlyList<Symbol> Targets { get; }

    /// <summary>Returns the inputs of the plan for a batch.</summary>
    public Tensor[] Feed(Batch batch, Device device)
    {
        Tensor[] inputs = Lamina.Feed.ToTensors(_model, batch.Inputs, device);
        if (_fed.Length == 0)
        {
            return inputs;
        }
        List<Tensor> all = [.. inputs];
        foreach ((Symbol target, int index) in _fed)
        {
            NDArray values = batch.Targets[index];
            int?[] dims = [values.Count, .. target.Shape.Sample];
            all.Add(Tensor.FromSpan(values.Values, [.. dims.Select(d => (long)d!.Value)], device));
        }
        return [.. all];
    }

    /// <summary>Computes the losses of a batch and updates metrics.</summary>
    /// <param name="results">The results of the plan; the caller disposes them.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">The metrics to update.</param>
    /// <param name="gradients">
    /// Receives a gradient for each of <paramref name="results"/>, which the caller owns; <see langword="null"/> if not
    /// wanted.
    /// </param>
    public BatchLoss Compute(
        ReadOnlySpan<Tensor> results,
        Batch batch,
        IReadOnlyList<OutputMetric> metrics,
        List<Tensor?>? gradients
    )
    {
        double total = 0;
        double[] parts = _terms.Count > 1 || _terms[0].Part.Name.Length > 0 ? new double[_terms.Count] : [];
        for (int i = 0; i < _terms.Count; i++)
        {
            ReadOnlySpan<Tensor> computed = results.Slice(_starts[i], _terms[i].Computed.Count);
            double value = Compute(i, computed, batch, metrics, gradients);
            total += _terms[i].Part.Weight * value;
            if (parts.Length > 0)
            {
                parts[i] = value;
            }
        }
        for (int i = 0; i < _added.Count; i++)
        {
            total += AddedLoss(_added[i], results[_firstAdded + i], gradients);
        }
        UpdatePlanned(results[(_firstAdded + _added.Count)..], batch, metrics);
        gradients?.AddRange(Enumerable.Repeat<Tensor?>(null, _metrics.Count));
        return new BatchLoss(total, parts);
    }

    private double Compute(
        int index,
        ReadOnlySpan<Tensor> computed,
        Batch batch,
        IReadOnlyList<OutputMetric> metrics,
        List<Tensor?>? gradients
    )
    {
        LossTerm term = _terms[index];
        NDArray target = batch.Targets[index];
        NDArray? weights = batch.WeightsOf(index);
        Device device = computed[0].Device;
        var copies = new List<Tensor>();
        try
        {
            Tensor[] host = new Tensor[computed.Length];
            for (int i = 0; i < host.Length; i++)
            {
                host[i] = OnHost(computed[i], copies);
            }
            Tensor? slope = gradients is null ? null : Tensor.Empty(host[^1].Sizes);
            double value;
            try
            {
                value = term.Compute(
                    host,
                    target,
                    slope is null ? [] : slope.WriteSpan(),
                    weights is null ? [] : weights.Values
                );
                UpdateMetrics(index, metrics, host[0], target, weights);
            }
            catch
            {
                slope?.Dispose();
                throw;
            }
            if (gradients is not null)
            {
                gradients.AddRange(Enumerable.Repeat<Tensor?>(null, computed.Length - 1));
                gradients.Add(MovedTo(slope!, device));
            }
            return value;
        }
        finally
        {
            Lamina.Feed.Free(copies);
        }
    }

    // The mean of a value with a batch, the sum of any other.
    private static double AddedLoss(Symbol symbol, Tensor result, List<Tensor?>? gradients)
    {
        var values = new float[result.Count];
        result.CopyTo(values);
        double share = symbol.Shape.Rank > 0 && symbol.Shape[0] is null ? 1.0 / values.Length : 1;
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }
        if (gradients is not null)
        {
            Tensor slope = Tensor.Empty(result.Sizes);
            slope.WriteSpan().Fill((float)share);
            gradients.Add(MovedTo(slope, result.Device));
        }
        return share * sum;
    }

    private static Tensor OnHost(Tensor tensor, List<Tensor> copies)
    {
        if (tensor.Device.IsCpu)
        {
            return tensor;
        }
        Tensor copy = Tensor.Empty(tensor.Sizes);
        copies.Add(copy);
        copy.CopyFrom(tensor);
        return copy;
    }

    private static Tensor MovedTo(Tensor tensor, Device device)
    {
        if (device.IsCpu)
        {
            return tensor;
        }
        using (tensor)
        {
            Tensor moved = Tensor.Empty(tensor.Sizes, DType.Float32, device);
            moved.CopyFrom(tensor);
            return moved;
        }
    }

    private void UpdatePlanned(ReadOnlySpan<Tensor> results, Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        for (int i = 0; i < _metrics.Count && metrics.Count > 0; i++)
        {
            OutputMetric metric = metrics[_metrics[i].Index];
            var values = new float[results[i].Count];
            results[i].CopyTo(values);
            NDArray? weights = metric.IsWeighted ? batch.WeightsOf(metric.Term) : null;
            ((MeanOf)metric.Metric).Add(values, weights is null ? [] : weights.Values);
        }
    }

    private void UpdateMetrics(
        int term,
        IReadOnlyList<OutputMetric> metrics,
        Tensor scores,
        NDArray target,
        NDArray? weights
    )
    {
        OutputMetric[] own = [.. metrics.Where(m => m.Term == term && m.Metric is not MeanOf)];
        // One unit has a threshold, which logits do not share.
        bool areLogits = _terms[term].ScoresAreLogits;
        bool AcceptsScores(OutputMetric metric) => !areLogits || (metric.Metric.AcceptsLogits && scores.Sizes[^1] > 1);
        Update(own.Where(AcceptsScores), scores, target, weights);
        if (!own.All(AcceptsScores))
        {
            using Tensor probabilities = Aten.Softmax(scores);
            Update(own.Where(m => !AcceptsScores(m)), probabilities, target, weights);
        }
    }

    private void Update(IEnumerable<OutputMetric> metrics, Tensor scores, NDArray target, NDArray? weights)
    {
        NDArray? values = null;
        foreach (OutputMetric metric in metrics)
        {
            values ??= Copy(scores);
            if (metric.IsWeighted)
            {
                metric.Metric.Update(values, target, weights);
            }
            else
            {
                metric.Metric.Update(values, target);
            }
        }
    }

    // Metrics keep no reference to the scores, so that these can reuse the same memory in every step.
    private NDArray Copy(Tensor scores)
    {
        int count = checked((int)scores.Count);
        if (_scores.Length < count)
        {
            _scores = new float[count];
        }
        var copy = new NDArray(Lamina.Feed.ShapeOf(scores), _scores.AsMemory(0, count));
        scores.CopyTo(copy.Values);
        return copy;
    }
}
