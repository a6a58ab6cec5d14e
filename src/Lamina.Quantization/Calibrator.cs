using Lamina.Quantization.Steps;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina.Quantization;

/// <summary>Runs the float32 model over samples and collects histograms of the values that will be bytes.</summary>
internal sealed class Calibrator : IValueRanges, IDisposable
{
    private readonly Model _model;
    private readonly QuantizeOptions _options;
    private readonly IntegerGraph _graph;
    private readonly int[] _slots;
    private readonly Dictionary<int, Observer> _observers;
    private readonly Plan _plan;

    public Calibrator(Model model, IntegerGraph graph, QuantizeOptions options)
    {
        (_model, _graph, _options) = (model, graph, options);
        _slots = [.. graph.Steps.Select(s => s.RangedSlot).OfType<int>().Distinct()];
        HashSet<int> perChannel =
        [
            .. graph.Steps.OfType<ProductStep>().Where(s => s.Output.PerChannel).Select(s => s.Output.Slot),
        ];
        _observers = _slots.ToDictionary(
            s => s,
            s => new Observer(perChannel.Contains(s) ? graph.Graph.Nodes[s].Shape[^1]!.Value : 1)
        );
        _plan = new Plan(
            model.Inputs,
            [.. _slots.Select(s => graph.Graph.Nodes[s].Output)],
            training: false,
            ModelPrediction.DeviceOf(model, options.Device)
        );
    }

    /// <summary>The number of samples processed.</summary>
    public int Samples { get; private set; }

    /// <summary>Processes batches until there are enough samples.</summary>
    /// <exception cref="LaminaException">
    /// There are no samples, they do not match the model, or values are not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public void Run(IEnumerable<IReadOnlyList<NDArray>> batches, CancellationToken cancellation)
    {
        foreach (IReadOnlyList<NDArray> batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            int rows = Math.Min(batch[0].Count, _options.Samples - Samples);
            Observe([.. batch.Select(b => b.Samples(0, rows))]);
            Samples += rows;
            _options.OnProgress?.Invoke(Samples);
            if (Samples >= _options.Samples)
            {
                break;
            }
        }
        if (Samples == 0)
        {
            throw new LaminaException($"{_model.Name} cannot be calibrated: there are no samples.");
        }
    }

    /// <inheritdoc/>
    public ValueRange Of(int slot)
    {
        Observer observer = _observers[slot];
        bool isInput = _graph.Graph.Inputs.Contains(slot);
        return RangeChoice.Of(
            observer.Above[0],
            observer.Below[0],
            isInput ? QuantizationMethod.MinMax : _options.Method,
            _options.Percentile
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<double> MaximaOf(int slot) =>
        [
            .. _observers[slot]
                .Above.Zip(_observers[slot].Below)
                .Select(h => RangeChoice.Of(h.First, h.Second, _options.Method, _options.Percentile).Max),
        ];

    private void Observe(NDArray[] inputs)
    {
        Tensor[] fed = Feed.ToTensors(_model, inputs, _plan.Device);
        Tensor[] results = [];
        try
        {
            results = _plan.Forward(new StepContext(false, 0, 0), fed);
            for (int i = 0; i < results.Length; i++)
            {
                using Tensor host = results[i].ToHost();
                if (!_observers[_slots[i]].Add(host.AsSpan()))
                {
                    OpNode node = _graph.Graph.Nodes[_slots[i]];
                    throw new LaminaException(
                        $"{_model.Name} cannot be quantized: the values of {node.Layer?.Name ?? "its input"} are not all finite. Check the weights and the samples."
                    );
                }
            }
        }
        finally
        {
            Feed.Free(fed);
            Feed.Free(results);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _plan.Dispose();

    private sealed class Observer(int channels)
    {
        public Histogram[] Above { get; } = Make(channels);

        public Histogram[] Below { get; } = Make(channels);

        /// <summary>Counts values; returns <see langword="false"/> if one is not finite.</summary>
        public bool Add(ReadOnlySpan<float> values)
        {
            int c = 0;
            foreach (float value in values)
            {
                if (!float.IsFinite(value))
                {
                    return false;
                }
                if (value >= 0)
                {
                    Above[c].Add(value);
                }
                else
                {
                    Below[c].Add(-value);
                }
                c = c + 1 == channels ? 0 : c + 1;
            }
            return true;
        }

        private static Histogram[] Make(int count) => [.. Enumerable.Range(0, count).Select(_ => new Histogram())];
    }
}
