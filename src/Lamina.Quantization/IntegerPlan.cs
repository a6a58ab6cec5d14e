using Lamina.Quantization.Steps;
using Lamina.Torch;

namespace Lamina.Quantization;

/// <summary>Runs a quantized model's steps, and frees each value after its last use. Not thread-safe.</summary>
internal sealed class IntegerPlan : IDisposable
{
    private readonly IntegerGraph _graph;
    private readonly Tensor?[] _values;
    private readonly Tensor[][] _read;

    /// <summary>Packs the weights.</summary>
    /// <param name="graph">The steps, with their parameters set; disposed with the plan.</param>
    public IntegerPlan(IntegerGraph graph)
    {
        _graph = graph;
        _values = new Tensor?[graph.ValueCount];
        _read = [.. graph.Steps.Select(s => new Tensor[s.Inputs.Length])];
        foreach (IntegerStep step in graph.Steps)
        {
            step.Prepare();
        }
    }

    /// <summary>Computes outputs or logits, which the caller owns.</summary>
    /// <param name="inputs">The inputs, float32, which the caller keeps.</param>
    /// <param name="targets">The graph's outputs, or its logits.</param>
    public Tensor[] Forward(IReadOnlyList<Tensor> inputs, IReadOnlyList<IntegerValue> targets)
    {
        try
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                _values[_graph.Inputs[i].Id] = inputs[i].Duplicate();
            }
            for (int i = 0; i < _read.Length; i++)
            {
                IntegerStep step = _graph.Steps[i];
                for (int k = 0; k < step.Inputs.Length; k++)
                {
                    _read[i][k] = _values[step.Inputs[k].Id]!;
                }
                _values[step.Output.Id] = step.Run(_read[i]);
                foreach (int value in step.FreeAfter)
                {
                    _values[value]?.Dispose();
                    _values[value] = null;
                }
            }
            return [.. targets.Select(v => _values[v.Id]!.Duplicate())];
        }
        finally
        {
            foreach (Tensor? value in _values)
            {
                value?.Dispose();
            }
            Array.Clear(_values);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();
}
