using System.Text.Json.Nodes;
using Lamina.Quantization;
using Lamina.Quantization.Steps;

namespace Lamina;

/// <summary>
/// A model whose convolutions and dense layers compute with bytes. Its weights use a quarter of the memory, and it runs
/// several times as fast on processors that multiply bytes (VNNI). Created by <c>model.Quantize(…)</c>, or loaded from
/// a file. It predicts on the CPU and cannot be trained. Thread-safe; calls from several threads run one after another.
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
    /// The architecture. Its weights are those of the float32 model if <c>Quantize</c> created this, and meaningless if
    /// it was loaded; predictions do not read them.
    /// </summary>
    public Model Model { get; }

    /// <summary>The method that chose the ranges.</summary>
    public QuantizationMethod Method => Record.Method;

    /// <summary>The number of samples used for calibration.</summary>
    public int CalibrationSamples => Record.Samples;

    /// <summary>The metadata saved with the model; empty if there is none.</summary>
    public JsonObject Metadata => Record.Metadata;

    /// <summary>The names of the layers that compute with bytes, in order.</summary>
    public IReadOnlyList<string> QuantizedLayers => _graph.IntegerLayers;

    /// <summary>The size of weights, multipliers and codes in bytes.</summary>
    public long WeightBytes => Parameters.Sum(p => p.Size);

    internal QuantizationRecord Record { get; }

    internal IReadOnlyList<StepParameter> Parameters { get; }

    /// <summary>Computes the output of a model with one input and one output.</summary>
    /// <param name="x">The inputs, one row per sample: images (N, H, W, C).</param>
    /// <param name="batchSize">The number of samples per batch.</param>
    /// <exception cref="ShapeException">The inputs do not match the model.</exception>
    public NDArray Predict(NDArray x, int batchSize = 32) => PredictAll([x], batchSize)[0];

    /// <summary>
    /// Computes the outputs of a model with any number of inputs and outputs. Bytes cannot represent NaN: if a sample's
    /// inputs contain one, its outputs are NaN, as in the float32 model.
    /// </summary>
    /// <param name="inputs">The inputs, in the model's order.</param>
    /// <param name="batchSize">The number of samples per batch.</param>
    /// <exception cref="ShapeException">The inputs do not match the model.</exception>
    public IReadOnlyList<NDArray> PredictAll(IReadOnlyList<NDArray> inputs, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Run(inputs, batchSize, logits: false);
    }

    /// <summary>Computes the logits of a model with one input and one output, as <c>model.PredictLogits</c> does.</summary>
    /// <param name="x">The inputs, one row per sample: images (N, H, W, C).</param>
    /// <param name="batchSize">The number of samples per batch.</param>
    /// <exception cref="ShapeException">The inputs do not match the model, or it has several outputs.</exception>
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

    /// <summary>Saves the model as one safetensors file, atomically.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="metadata">The metadata to save with it; <see langword="null"/> for <see cref="Metadata"/>.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Save(string path, JsonObject? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        QuantizedFile.Save(this, path, metadata ?? Metadata);
    }

    /// <summary>Loads a model that <see cref="Save"/> wrote, after verifying all of it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file does not exist, or is malformed or damaged; the message says what and where.
    /// </exception>
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

/// <summary>The settings with which a model was quantized.</summary>
internal sealed record QuantizationRecord(
    QuantizationMethod Method,
    int Samples,
    IReadOnlyList<string> FloatLayers,
    JsonObject Metadata
);
