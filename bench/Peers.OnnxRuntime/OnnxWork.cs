using Microsoft.ML.OnnxRuntime;

namespace Lamina.Bench.Peers;

/// <summary>ONNX Runtime with its default options.</summary>
internal sealed class OnnxWork : IPeerWork
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _images;
    private readonly string[] _outputs;
    private readonly string[] _inputs;

    public OnnxWork(PeerRequest request)
    {
        var model = PeerModel.Load(request.Folder);
        _session = NewSession(request);
        _outputs = [.. _session.OutputNames];
        _inputs = [.. _session.InputNames];
        _images = OnnxFile.Images(request.Folder, model, request.Batch);
        Work = request.Batch;
        Run();
    }

    private static InferenceSession NewSession(PeerRequest request)
    {
        if (File.Exists(PeerModel.GraphPath(request.Folder)))
        {
            return new InferenceSession(PeerModel.GraphPath(request.Folder));
        }
        string file = OnnxFile.WriteApart(request);
        try
        {
            return new InferenceSession(file);
        }
        finally
        {
            File.Delete(file);
        }
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

    private IDisposableReadOnlyCollection<OrtValue> Compute() => _session.Run(_options, _inputs, [_images], _outputs);

    public void Dispose()
    {
        _images.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
