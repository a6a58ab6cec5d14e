using System.Diagnostics;
using System.Globalization;
using Lamina.Torch;

namespace Lamina.Bench;

/// <summary>The middle and the ends of some measurements.</summary>
internal static class Spread
{
    public static string Of(List<double> values, double scale, string format)
    {
        double[] sorted = [.. values.Order().Select(v => v * scale)];
        string Text(double v) => v.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(sorted[sorted.Length / 2])} ({Text(sorted[0])}–{Text(sorted[^1])})";
    }
}

/// <summary>The yardstick: one square matrix product in float32.</summary>
internal sealed class MatrixProduct : IDisposable
{
    private readonly int _n;
    private readonly Tensor _a;
    private readonly Tensor _b;

    public MatrixProduct(int n)
    {
        _n = n;
        (_a, _b) = (Tensor.Empty([n, n]), Tensor.Empty([n, n]));
        _a.Fill(0.5);
        _b.Fill(0.25);
    }

    /// <summary>Floating-point operations a second.</summary>
    public double Measure()
    {
        long start = Stopwatch.GetTimestamp();
        Aten.Mm(_a, _b).Dispose();
        return 2.0 * _n * _n * _n / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }
}

internal abstract class Workload(string name, int batch)
{
    public string Name => name;

    public List<double> Images { get; } = [];

    public List<double> Shares { get; } = [];

    /// <summary>Multiplications and additions of an image, by the direct algorithm.</summary>
    public abstract double FlopsPerImage { get; }

    protected int Batch => batch;

    protected abstract void Run();

    public void Add(double images, double share)
    {
        Images.Add(images);
        Shares.Add(share);
    }

    /// <summary>Images a second, over about a second after one run to warm up.</summary>
    public double Measure()
    {
        Run();
        long start = Stopwatch.GetTimestamp();
        int runs = 0;
        do
        {
            Run();
            runs++;
        } while (Stopwatch.GetElapsedTime(start).TotalSeconds < 1);
        return runs * batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Multiply-adds of a forward pass of one image, and those of the first convolution.</summary>
    protected static (long All, long First) MultiplyAdds(Model model)
    {
        List<long> counts = [];
        foreach (Node node in model.Nodes.Where(n => n.Layer is Conv2D or Dense))
        {
            Shape output = node.Outputs[0].Shape;
            long positions = output.Rank == 4 ? (long)output[1]!.Value * output[2]!.Value : 1;
            counts.Add(positions * node.Layer.Weights[0].Count);
        }
        return (counts.Sum(), counts[0]);
    }

    protected static NDArray Noise(int batch, int input)
    {
        var random = new RandomStream(1, RandomPurpose.User);
        var images = new NDArray(Shape.Of(batch, input, input, 3));
        foreach (ref float value in images.Values)
        {
            value = random.NextSingle();
        }
        return images;
    }
}

internal sealed class TrainingWorkload : Workload
{
    private readonly Model _model;
    private readonly NDArray _x;
    private readonly NDArray _y;

    public TrainingWorkload(int input, int batch)
        : base($"train, batch {batch}", batch)
    {
        _model = Zoo.Walkthrough(inputSize: input);
        _model.Compile(new Sgd(1e-4, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
        _x = Noise(batch, input);
        _y = new NDArray(Shape.Of(batch));
        // Forward, weight gradients and input gradients cost the same; the first convolution needs no input gradient.
        (long all, long first) = MultiplyAdds(_model);
        FlopsPerImage = 2.0 * ((3 * all) - first);
    }

    public override double FlopsPerImage { get; }

    protected override void Run() => _model.TrainOnBatch(_x, _y);
}

internal sealed class InferenceWorkload : Workload
{
    private readonly Model _model;
    private readonly NDArray _x;

    public InferenceWorkload(int input, int batch)
        : base($"infer, batch {batch}", batch)
    {
        _model = Zoo.Walkthrough(inputSize: input);
        _x = Noise(batch, input);
        FlopsPerImage = 2.0 * MultiplyAdds(_model).All;
    }

    public override double FlopsPerImage { get; }

    protected override void Run() => _model.Predict(_x, Batch);
}
