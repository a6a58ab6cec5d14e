using System.Text.Json.Nodes;
using Lamina.Quantization;
using Lamina.Quantization.Steps;

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
        return Run(inputs, batchSize, logits: false);
    }

    /// <summary>Computes the logits of a model with one input and one output, as <c>model.PredictLogits</c> does.</summary>
    /// <param name="x">The inputs, one row a sample: images (N, H, W, C).</param>
    /// <param name="batchSize">Samples computed at a time.</param>
    /// <exception cref="ShapeException">The inputs do not fit the model, or it has several outputs.</exception>
    public NDArray PredictLogits(NDArray x, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        LogitsHead.RequireOneOutput(Model);
        return Run([x], batchSize, logits: true)[0];
    }

    private NDArray[] Run(IReadOnlyList<NDArray> inputs, int batchSize, bool logits)
    {
        NDArray[] outputs;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _plan ??= new IntegerPlan(_graph);
            outputs = BatchedForward.Run(
                Model,
                inputs,
                batchSize,
                Device.Cpu,
                fed =>
                {
                    try
                    {
                        return _plan.Forward(fed, logits ? _graph.Logits : _graph.Outputs);
                    }
                    finally
                    {
                        Feed.Free(fed);
                    }
                }
            );
        }
        PropagateNaN(inputs, outputs);
        return outputs;
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
