using System.Collections.Concurrent;

namespace Lamina.Serving.Tests;

/// <summary>A model whose outputs can be computed by hand, and that can be held up.</summary>
internal sealed class FakeModel : IInferenceModel
{
    /// <summary>A value that the model fails on.</summary>
    public const float Poison = 666;

    private int _computing;

    public string Platform => "test_fake";

    public IReadOnlyList<TensorSpec> Inputs { get; init; } = [new TensorSpec("x", Shape.Of(2, 2))];

    public IReadOnlyList<TensorSpec> Outputs { get; } = [new TensorSpec("y", Shape.Of(3))];

    public IReadOnlyList<string> Labels { get; init; } = ["minus", "plus", "naïve"];

    public bool AcceptsImages { get; init; } = true;

    /// <summary>Set while the model may compute.</summary>
    public ManualResetEventSlim Gate { get; } = new(true);

    /// <summary>The sizes of the batches that were computed.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>The first value of each sample, in the order of computation.</summary>
    public ConcurrentQueue<float> Order { get; } = new();

    /// <summary>Whether a batch is being computed.</summary>
    public bool IsComputing => Volatile.Read(ref _computing) > 0;

    public bool IsDisposed { get; private set; }

    /// <summary>What the outputs are multiplied with, so that two versions differ.</summary>
    public float Factor { get; init; } = 1;

    public TimeSpan Delay { get; init; }

    /// <summary>Called on the thread that computes.</summary>
    public Action Computing { get; init; } = () => { };

    /// <summary>Returns (-sum, sum, sum / 2) of each sample.</summary>
    public IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (Interlocked.Increment(ref _computing) != 1)
        {
            throw new InvalidOperationException("Two threads at a time.");
        }
        Computing();
        Gate.Wait();
        if (Delay > TimeSpan.Zero)
        {
            Thread.Sleep(Delay);
        }
        try
        {
            NDArray x = inputs[0];
            Batches.Enqueue(x.Count);
            var y = new NDArray(Shape.Of(x.Count, 3));
            for (int row = 0; row < x.Count; row++)
            {
                ReadOnlySpan<float> values = x.Samples(row, 1).Values;
                Order.Enqueue(values[0]);
                if (values.Contains(Poison))
                {
                    throw new ArithmeticException("secret details");
                }
                float sum = Factor * Sum(values);
                (y[row, 0], y[row, 1], y[row, 2]) = (-sum, sum, sum / 2);
            }
            return [y];
        }
        finally
        {
            Interlocked.Decrement(ref _computing);
        }
    }

    /// <summary>Reads "images" that are four digits; everything else is damaged.</summary>
    public NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels) =>
        file.Length == 4 && !file.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? new NDArray(Shape.Of(1, 2, 2), file.ToArray().Select(b => (float)(b - '0')).ToArray())
            : throw new DataException(name, "is damaged.");

    public void Dispose() => IsDisposed = true;

    private static float Sum(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }
        return sum;
    }
}
