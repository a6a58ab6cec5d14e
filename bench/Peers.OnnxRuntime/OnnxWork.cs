using Microsoft.ML.OnnxRuntime;

namespace Lamina.Bench.Peers;

/// <summary>ONNX Runtime with its default options.</summary>
internal sealed class OnnxWork : IPeerWork
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _images;
    private readonly string[] _outputs;

    public OnnxWork(PeerRequest request)
    {
        var model = PeerModel.Load(request.Folder);
        string file = OnnxFile.WriteApart(request);
        try
        {
            _session = new InferenceSession(file);
        }
        finally
        {
            File.Delete(file);
        }
        _outputs = [.. _session.OutputNames];
        _images = OnnxFile.Images(request.Folder, model, request.Batch);
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

    public void Dispose()
    {
        _images.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
