namespace Lamina.Torch;

/// <summary>An objective for targets of known shapes.</summary>
internal sealed class BoundObjective
{
    private readonly Model _model;
    private readonly IReadOnlyList<LossTerm> _terms;
    private readonly int[] _starts;
    private float[] _scores = [];

    public BoundObjective(Model model, IReadOnlyList<LossTerm> terms)
    {
        (_model, _terms) = (model, terms);
        Inputs = [.. model.Inputs, .. terms.Select(t => t.Target).OfType<Symbol>()];
        Targets = [.. terms.SelectMany(t => t.Computed)];
        _starts = new int[terms.Count];
        for (int i = 1; i < terms.Count; i++)
        {
            _starts[i] = _starts[i - 1] + terms[i - 1].Computed.Count;
        }
    }

    /// <summary>The inputs of the plan.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The symbols that the plan computes.</summary>
    public IReadOnlyList<Symbol> Targets { get; }

    /// <summary>Returns the inputs of the plan for a batch.</summary>
    public Tensor[] Feed(Batch batch, Device device)
    {
        Tensor[] inputs = Lamina.Feed.ToTensors(_model, batch.Inputs, device);
        if (Inputs.Count == inputs.Length)
        {
            return inputs;
        }
        List<Tensor> all = [.. inputs];
        for (int i = 0; i < _terms.Count; i++)
        {
            if (_terms[i].Target is { } target)
            {
                NDArray values = batch.Targets[i];
                int?[] dims = [values.Count, .. target.Shape.Sample];
                all.Add(Tensor.FromSpan(values.Values, [.. dims.Select(d => (long)d!.Value)], device));
            }
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
            double value = Compute(i, computed, batch.Targets[i], metrics, gradients);
            total += _terms[i].Part.Weight * value;
            if (parts.Length > 0)
            {
                parts[i] = value;
            }
        }
        return new BatchLoss(total, parts);
    }

    private double Compute(
        int index,
        ReadOnlySpan<Tensor> computed,
        NDArray target,
        IReadOnlyList<OutputMetric> metrics,
        List<Tensor?>? gradients
    )
    {
        LossTerm term = _terms[index];
        Device device = computed[0].Device;
        var copies = new List<Tensor>();
        try
        {
            Tensor[] host = new Tensor[computed.Length];
            for (int i = 0; i < host.Length; i++)
            {
                host[i] = computed[i];
                if (!device.IsCpu)
                {
                    host[i] = Tensor.Empty(computed[i].Sizes);
                    copies.Add(host[i]);
                    host[i].CopyFrom(computed[i]);
                }
            }
            Tensor? slope = gradients is null ? null : Tensor.Empty(host[^1].Sizes);
            double value;
            try
            {
                value = term.Compute(host, target, slope is null ? [] : slope.WriteSpan());
                UpdateMetrics(index, metrics, host[0], target, term.ScoresAreLogits);
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

    private void UpdateMetrics(
        int term,
        IReadOnlyList<OutputMetric> metrics,
        Tensor scores,
        NDArray target,
        bool areLogits
    )
    {
        bool needsOutput = false;
        NDArray? values = null;
        foreach (OutputMetric metric in metrics)
        {
            if (metric.Term != term)
            {
                continue;
            }
            if (areLogits && !metric.Metric.AcceptsLogits)
            {
                needsOutput = true;
                continue;
            }
            metric.Metric.Update(values ??= Copy(scores), target);
        }
        if (!needsOutput)
        {
            return;
        }
        using Tensor probabilities = Aten.Softmax(scores);
        values = Copy(probabilities);
        foreach (OutputMetric metric in metrics)
        {
            if (metric.Term == term && !metric.Metric.AcceptsLogits)
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
