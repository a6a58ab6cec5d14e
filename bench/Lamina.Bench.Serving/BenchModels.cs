using System.Collections.Concurrent;
using System.Diagnostics;
using Lamina.Serving;

namespace Lamina.Bench.Serving;

/// <summary>The models that the server serves.</summary>
internal static class BenchModels
{
    /// <summary>The input's name, whatever the model calls it.</summary>
    public const string Input = "image";

    /// <summary>A network of the zoo.</summary>
    public const string Network = "network";

    /// <summary>A model that computes nothing, so that all time is the server's.</summary>
    public const string Nothing = "nothing";
}

/// <summary>The times of a model's calls, in their order, of all its instances.</summary>
internal sealed class ModelTimes
{
    private readonly ConcurrentQueue<double> _times = new();
    private long _images;

    /// <summary>The images that were computed.</summary>
    public long Images => Volatile.Read(ref _images);

    /// <summary>Takes the milliseconds of all calls since the last time.</summary>
    public double[] TakeTimes()
    {
        double[] times = [.. _times];
        _times.Clear();
        return times;
    }

    /// <summary>Notes a call.</summary>
    public void Add(int images, TimeSpan time)
    {
        Interlocked.Add(ref _images, images);
        _times.Enqueue(time.TotalMilliseconds);
    }
}

/// <summary>A model whose calls are timed.</summary>
internal sealed class TimedModel(Model model, ModelTimes times) : IInferenceModel
{
    public string Platform => "bench";

    public IReadOnlyList<TensorSpec> Inputs { get; } =
    [new TensorSpec(BenchModels.Input, model.Inputs[0].Shape.Sample)];

    public IReadOnlyList<TensorSpec> Outputs { get; } = [new TensorSpec("y", model.Outputs[0].Shape.Sample)];

    public IReadOnlyList<string> Labels => [];

    public bool AcceptsImages => false;

    public IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs)
    {
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<NDArray> outputs = model.PredictAll(inputs, inputs[0].Count);
        times.Add(inputs[0].Count, Stopwatch.GetElapsedTime(started));
        return outputs;
    }

    public NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels) =>
        throw new NotSupportedException();

    public void Dispose() { }
}

/// <summary>A model that answers zeros at once.</summary>
internal sealed class NoModel(Shape sample) : IInferenceModel
{
    public string Platform => "bench";

    public IReadOnlyList<TensorSpec> Inputs { get; } = [new TensorSpec(BenchModels.Input, sample)];

    public IReadOnlyList<TensorSpec> Outputs { get; } = [new TensorSpec("y", Shape.Of(1000))];

    public IReadOnlyList<string> Labels => [];

    public bool AcceptsImages => false;

    public IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs) =>
        [new NDArray(Shape.Of(inputs[0].Count, 1000))];

    public NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels) =>
        throw new NotSupportedException();

    public void Dispose() { }
}
