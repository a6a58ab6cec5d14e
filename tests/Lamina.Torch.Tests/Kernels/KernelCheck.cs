using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>
/// Holds a kernel against the op's reference: forward (float32) to 1e-5 of its scale, each gradient against central
/// differences of the float64 reference to 1e-3 of its scale; and the kernel contract on the way. On every backend,
/// at every vector width that the processor has.
/// </summary>
internal sealed class KernelCheck(Op op, params Array64[] inputs)
{
    private const int Probes = 24;

    /// <summary>How many of the last inputs are weights of the layer.</summary>
    public int Weights { get; init; }

    /// <summary>Whether the step is one of training.</summary>
    public bool Training { get; init; } = true;

    /// <summary>Whether the layer is trainable.</summary>
    public bool Trainable { get; init; } = true;

    /// <summary>Which inputs have gradients; all by default.</summary>
    public Func<int, bool> HasGradient { get; init; } = _ => true;

    /// <summary>Of the scale of the output.</summary>
    public double ForwardTolerance { get; init; } = 1e-5;

    /// <summary>Of the scale of each gradient.</summary>
    public double GradientTolerance { get; init; } = 1e-3;

    /// <summary>The least that a gradient's scale counts as; above what cancels out in it.</summary>
    public double GradientFloor { get; init; } = 1e-3;

    /// <summary>Inputs that only the reference sees, found from the engine's output: a dropout mask.</summary>
    public Func<Array64, Array64>? Recovered { get; init; }

    private bool ByBatch => Training && Trainable;

    /// <summary>Runs the check on every backend.</summary>
    public void Run() => Array.ForEach(TestBackend.All, Run);

    private void Run(TestBackend backend)
    {
        OpNode node = OpLayer.Node(op, [.. inputs.Select(x => x.Sizes)], Weights, Trainable);
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        bool[] all = [.. inputs.Select((_, i) => HasGradient(i))];
        KernelRun run = KernelRun.Of(backend.Kernels, node, inputs, Training, all, overwrite: false);

        Array64[] known = Recovered is null ? inputs : [.. inputs, Recovered(run.Output)];
        Array64 expected = Reference.Forward(op, ByBatch, known);
        AssertClose(expected, run.Output, ForwardTolerance, $"output on {backend}");
        AssertMoved(run, backend);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (all[i])
            {
                AssertGradient(known, i, run, backend);
            }
        }

        // Any other choice of gradients, and a result over the input, change nothing.
        for (int bits = 0; bits < 1 << inputs.Length; bits++)
        {
            bool[] some = [.. all.Select((has, i) => has && (bits & (1 << i)) != 0)];
            KernelRun again = KernelRun.Of(backend.Kernels, node, inputs, Training, some, overwrite: true);
            AssertClose(run.Output, again.Output, 1e-6, $"output again on {backend}");
            for (int i = 0; i < inputs.Length; i++)
            {
                Assert.Equal(some[i], again.Gradients[i] is not null);
                if (again.Gradients[i] is { } gradient)
                {
                    AssertClose(run.Gradients[i]!, gradient, 1e-5, $"gradient {i} again on {backend}");
                }
            }
        }
        Assert.Equal(0, meter.Tensors);
    }

    private void AssertMoved(KernelRun run, TestBackend backend)
    {
        Array64[] expected = [.. inputs];
        if (op is BatchNormalizationOp normalization && ByBatch)
        {
            (expected[1], expected[2]) = NormalizationReference.Moved(normalization, inputs);
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            double tolerance = ReferenceEquals(expected[i], inputs[i]) ? 0 : 1e-5;
            AssertClose(expected[i], run.InputsAfter[i], tolerance, $"input {i} afterwards on {backend}");
        }
    }

    private void AssertGradient(Array64[] known, int input, KernelRun run, TestBackend backend)
    {
        Array64 gradient = run.Gradients[input]!;
        int count = gradient.Values.Length;
        var random = new RandomStream(input, RandomPurpose.User);
        double Derivative(Action<Array64, double> move) =>
            Reference.Derivative(op, ByBatch, known, run.Cotangent, (xs, by) => move(xs[input], by));

        int[] probed = [.. Enumerable.Range(0, count)];
        random.Shuffle(probed.AsSpan());
        probed = probed[..Math.Min(Probes, count)];
        double[] expected = [.. probed.Select(p => Derivative((x, by) => x.Values[p] += by))];
        double scale = Math.Max(GradientFloor, Math.Max(expected.Max(Math.Abs), gradient.Values.Max(Math.Abs)));
        for (int k = 0; k < probed.Length; k++)
        {
            AssertNear(
                expected[k],
                gradient.Values[probed[k]],
                GradientTolerance * scale,
                $"gradient {input} at {probed[k]} on {backend}"
            );
        }

        // Along a random direction every element takes part.
        Array64 direction = Draw64.Uniform(input, gradient.Sizes);
        double slope = Derivative(
            (x, by) =>
            {
                for (int i = 0; i < count; i++)
                {
                    x.Values[i] += by * direction.Values[i];
                }
            }
        );
        double along = gradient.Values.Zip(direction.Values, (g, d) => g * d).Sum();
        AssertNear(
            slope,
            along,
            GradientTolerance * scale * Math.Sqrt(count),
            $"gradient {input} along a direction on {backend}"
        );
    }

    public static void AssertClose(Array64 expected, Array64 actual, double tolerance, string what)
    {
        Assert.Equal(expected.Sizes, actual.Sizes);
        double bound = tolerance * Math.Max(1e-3, expected.Values.Max(Math.Abs));
        for (int i = 0; i < expected.Values.Length; i++)
        {
            AssertNear(expected.Values[i], actual.Values[i], bound, $"{what} at {i}");
        }
    }

    private static void AssertNear(double expected, double actual, double bound, string what) =>
        Assert.True(Math.Abs(expected - actual) <= bound, $"{what}: expected {expected}, got {actual}, within {bound}");
}
