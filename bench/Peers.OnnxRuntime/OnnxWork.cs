using Microsoft.ML.OnnxRuntime;

namespace Lamina.Bench.Peers;

/// <summary>ONNX Runtime with its default options.</summary>
internal sealed class OnnxWork : IPeerWork
{
    private const int CalibrationImages = 16;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _images;
    private readonly string[] _outputs;

    public OnnxWork(PeerRequest request)
    {
        var model = PeerModel.Load(request.Folder);
        var weights = new PeerWeights(request.Folder);
        OnnxExport export =
            request.Variant == "int8"
                ? new QuantizedExport(model, weights, request.Batch, Calibrate(request.Folder, model, weights))
                : new OnnxExport(model, weights, request.Batch);
        OnnxGraph graph = export.Build();
        _outputs = [graph.Last];
        _session = new InferenceSession(graph.ToModel(graph.Last));
        _images = Images(request.Folder, model, request.Batch);
        Work = request.Batch;
        Run();
    }

    public double Work { get; }

    public double Run()
    {
        using IDisposableReadOnlyCollection<OrtValue> results = Compute();
        return results[0].GetTensorDataAsSpan<float>()[0];
    }

    public float[] Probabilities()
    {
        using IDisposableReadOnlyCollection<OrtValue> results = Compute();
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private IDisposableReadOnlyCollection<OrtValue> Compute() =>
        _session.Run(_options, [OnnxGraph.Images], [_images], _outputs);

    private static OrtValue Images(string folder, PeerModel model, int batch) =>
        OrtValue.CreateTensorValueFromMemory(
            PeerImages.Read(folder, model, batch, channelsFirst: true),
            [batch, model.Channels, model.Input, model.Input]
        );

    /// <summary>The least and greatest values of everything that the float32 model computes for some images.</summary>
    private static Dictionary<string, (float Least, float Greatest)> Calibrate(
        string folder,
        PeerModel model,
        PeerWeights weights
    )
    {
        var export = new OnnxExport(model, weights, CalibrationImages);
        OnnxGraph graph = export.Build();
        string[] outputs = [.. export.Tensors.Distinct()];
        using var session = new InferenceSession(graph.ToModel(outputs));
        using OrtValue images = Images(folder, model, CalibrationImages);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            options,
            [OnnxGraph.Images],
            [images],
            outputs
        );
        Dictionary<string, (float Least, float Greatest)> ranges = new()
        {
            [OnnxGraph.Images] = Range(images.GetTensorDataAsSpan<float>()),
        };
        foreach ((string name, OrtValue value) in outputs.Zip(results))
        {
            ranges[name] = Range(value.GetTensorDataAsSpan<float>());
        }
        return ranges;
    }

    private static (float Least, float Greatest) Range(ReadOnlySpan<float> values) =>
        (
            System.Numerics.Tensors.TensorPrimitives.Min(values),
            System.Numerics.Tensors.TensorPrimitives.Max(values)
        );

    public void Dispose()
    {
        _images.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
