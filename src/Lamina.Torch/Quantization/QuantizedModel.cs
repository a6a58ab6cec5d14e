using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A model whose convolutions and dense layers compute with bytes: a quarter of the weights' memory, and several times as
/// fast on processors that multiply bytes (VNNI). Made by <c>model.Quantize(…)</c>, or loaded. It predicts on the
/// CPU and cannot be trained. Safe on several threads, which take turns.
/// </summary>
public sealed class QuantizedModel : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IntegerGraph _graph;
    private IntegerPlan? _plan;
    private bool _disposed;

    internal QuantizedModel(Model model, IntegerGraph graph, QuantizationRecord record)
    {
        (Model, _graph, Record) = (model, graph, record);
        Parameters = [.. graph.Parameters];
    }

    /// <summary>
    /// The architecture. Its weights are the float32 model's where this was made by <c>Quantize</c>, and mean nothing where
    /// it was loaded; predictions do not read them.
    /// </summary>
    public Model Model { get; }

    /// <summary>How ranges were chosen.</summary>
    public QuantizationMethod Method => Record.Method;

    /// <summary>The number of samples that calibration looked at.</summary>
    public int CalibrationSamples => Record.Samples;

    /// <summary>What was saved beside the model; empty if nothing.</summary>
    public JsonObject Metadata => Record.Metadata;

    /// <summary>The names of the layers that compute with bytes, in their order.</summary>
    public IReadOnlyList<string> QuantizedLayers => _graph.IntegerLayers;

    /// <summary>The bytes that weights, multipliers and codes take.</summary>
    public long WeightBytes => Parameters.Sum(p => p.Size);

    internal QuantizationRecord Record { get; }

    internal IReadOnlyList<StepParameter> Parameters { get; }

    /// <summary>Computes the output of a model with one input and one output.</summary>
    /// <param name="x">The inputs, one row a sample: images (N, H, W, C).</param>
    /// <param name="batchSize">Samples computed at a time.</param>
    /// <exception cref="ShapeException">The inputs do not fit the model.</exception>
    public NDArray Predict(NDArray x, int batchSize = 32) => PredictAll([x], batchSize)[0];

    /// <summary>
    /// Computes the outputs of a model of any number of inputs and outputs. Bytes hold no NaN: where a sample's inputs
    /// contain one, its outputs are NaN, as the float32 model's.
    /// </summary>
    /// <param name="inputs">The inputs, in the model's order.</param>
    /// <param name="batchSize">Samples computed at a time.</param>
    /// <exception cref="ShapeException">The inputs do not fit the model.</exception>
    public IReadOnlyList<NDArray> PredictAll(IReadOnlyList<NDArray> inputs, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        int count = inputs.Count > 0 ? inputs[0].Count : 0;
        if (inputs.Any(i => i.Count != count))
        {
            throw new ShapeException($"{Model.Name}: the inputs have different numbers of samples.");
        }
        NDArray[]? outputs = null;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _plan ??= new IntegerPlan(_graph);
            for (int start = 0; start < count; start += batchSize)
            {
                int rows = Math.Min(batchSize, count - start);
                Tensor[] fed = Feed.ToTensors(Model, [.. inputs.Select(i => i.Samples(start, rows))], Device.Cpu);
                Tensor[] results = [];
                try
                {
                    results = _plan.Forward(fed);
                    outputs ??= [.. results.Select(r => new NDArray(Feed.ShapeOf(r).WithBatch(count)))];
                    for (int i = 0; i < results.Length; i++)
                    {
                        results[i].CopyTo(outputs[i].Samples(start, rows).Values);
                    }
                }
                finally
                {
                    Feed.Free(fed);
                    Feed.Free(results);
                }
            }
        }
        PropagateNaN(inputs, outputs!);
        return outputs!;
    }

    private static void PropagateNaN(IReadOnlyList<NDArray> inputs, NDArray[] outputs)
    {
        foreach (NDArray input in inputs)
        {
            for (int row = 0; row < input.Count; row++)
            {
                if (
                    input
                        .Samples(row, 1)
                        .Values.ContainsAnyExceptInRange(float.NegativeInfinity, float.PositiveInfinity)
                )
                {
                    Array.ForEach(outputs, o => o.Samples(row, 1).Values.Fill(float.NaN));
                }
            }
        }
    }

    /// <summary>Saves the model as one safetensors file, whole or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="metadata">What to save beside it; <see langword="null"/> for <see cref="Metadata"/>.</param>
    /// <exception cref="LaminaException">It cannot be written.</exception>
    public void Save(string path, JsonObject? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        QuantizedFile.Save(this, path, metadata ?? Metadata);
    }

    /// <summary>Loads a model that <see cref="Save"/> wrote. Everything is verified; nothing is partly loaded.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">There is no such file, or it is malformed or damaged: what and where.</exception>
    public static QuantizedModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return QuantizedFile.Load(path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _plan?.Dispose();
        }
    }
}

/// <summary>How a model was quantized.</summary>
internal sealed record QuantizationRecord(
    QuantizationMethod Method,
    int Samples,
    IReadOnlyList<string> FloatLayers,
    JsonObject Metadata
);
