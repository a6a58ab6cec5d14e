using Lamina.Torch;

namespace Lamina.Tests.Smoke;

/// <summary>
/// Each of the dispatcher's kernels' backward against central differences of its own forward in float64, and the
/// processor's float32 kernels against them.
/// </summary>
public class KernelSmokeTests
{
    private static readonly StepContext s_step = new(true, 7, 3);

    public static TheoryData<string> Cases => [.. KernelCases.All().Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_follows_forward(string name)
    {
        (Func<Symbol> build, int[]?[] sizes) = KernelCases.All()[name];
        OpNode node = build().Producer;
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        var random = new RandomStream(1, RandomPurpose.User);
        double[]?[] values = new double[sizes.Length][];
        for (int i = 0; i < sizes.Length; i++)
        {
            values[i] = sizes[i] is { } s ? Draw(s.Aggregate(1, (a, b) => a * b), ref random) : null;
        }
        bool[] wanted = [.. sizes.Select(s => s is not null)];
        (double[] y, double[] weights, double[]?[] gradients) = Run(
            node,
            DType.Float64,
            values,
            sizes,
            wanted,
            ref random,
            null
        );
        (double[] y32, _, double[]?[] gradients32) = Run(
            node,
            DType.Float32,
            values,
            sizes,
            wanted,
            ref random,
            weights
        );
        AssertClose(y, y32, 2e-5);
        for (int i = 0; i < sizes.Length; i++)
        {
            if (!wanted[i])
            {
                continue;
            }
            AssertClose(gradients[i]!, gradients32[i]!, 1e-4);
            int stride = Math.Max(1, values[i]!.Length / 25);
            for (int j = 0; j < values[i]!.Length; j += stride)
            {
                const double h = 1e-5;
                double at = values[i]![j];
                values[i]![j] = at + h;
                double up = Loss(node, values, sizes, weights);
                values[i]![j] = at - h;
                double down = Loss(node, values, sizes, weights);
                values[i]![j] = at;
                Assert.Equal((up - down) / (2 * h), gradients[i]![j], 1e-6);
            }
        }
        Assert.Equal(0, meter.Tensors);
    }

    private static double[] Draw(int count, ref RandomStream random)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() * 4) - 2);
        }
        return values;
    }

    private static Tensor[] Tensors(OpNode node, DType type, double[]?[] values, int[]?[] sizes)
    {
        var tensors = new Tensor[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] is not { } s)
            {
                // The stored mean and variance.
                tensors[i] = Tensor.Empty([node.Inputs[i].Shape[0]!.Value], type);
                tensors[i].Fill(i - 1);
                continue;
            }
            tensors[i] = Tensor.Empty([.. s.Select(d => (long)d)], type);
            if (type == DType.Float64)
            {
                values[i].CopyTo(tensors[i].WriteElements<double>());
            }
            else
            {
                tensors[i].CopyFrom([.. values[i]!.Select(v => (float)v)]);
            }
        }
        return tensors;
    }

    private static double[] Read(Tensor tensor)
    {
        using Tensor copy = Tensor.Empty(tensor.Sizes, DType.Float64);
        copy.CopyFrom(tensor);
        return copy.Elements<double>().ToArray();
    }

    private static double Loss(OpNode node, double[]?[] values, int[]?[] sizes, double[] weights)
    {
        Kernel kernel = DispatcherKernels.Instance.Create(node);
        Tensor[] inputs = Tensors(node, DType.Float64, values, sizes);
        using Tensor y = kernel.Forward(s_step, inputs, false);
        double loss = Read(y).Zip(weights, (a, b) => a * b).Sum();
        kernel.Release();
        foreach (Tensor input in inputs)
        {
            input.Dispose();
        }
        return loss;
    }

    private static (double[] Y, double[] Weights, double[]?[] Gradients) Run(
        OpNode node,
        DType type,
        double[]?[] values,
        int[]?[] sizes,
        bool[] wanted,
        ref RandomStream random,
        double[]? weights
    )
    {
        KernelFactory kernels = type == DType.Float64 ? DispatcherKernels.Instance : CpuKernels.Instance;
        Kernel kernel = kernels.Create(node);
        Tensor[] inputs = Tensors(node, type, values, sizes);
        using Tensor y = kernel.Forward(s_step, inputs, false);
        Assert.True(y.IsContiguous);
        Assert.Equal(node.Shape.ToArray().Select(d => (long)d), y.Sizes.ToArray());
        weights ??= Draw((int)y.Count, ref random);
        double[] output = Read(y);
        Tensor g = Tensor.Empty(y.Sizes, type);
        using (Tensor source = Tensor.Empty(y.Sizes, DType.Float64))
        {
            weights.CopyTo(source.WriteElements<double>());
            g.CopyFrom(source);
        }
        var given = new Tensor?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            given[i] = kernel.BackwardReadsInput(i) ? inputs[i] : null;
        }
        var results = new Tensor?[inputs.Length];
        kernel.Backward(s_step, given, kernel.BackwardReadsOutput ? y : null, g, wanted, results);
        var gradients = new double[]?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(wanted[i], results[i] is not null);
            if (results[i] is { } result)
            {
                Assert.True(result.IsContiguous);
                Assert.Equal(inputs[i].Sizes.ToArray(), result.Sizes.ToArray());
                gradients[i] = Read(result);
                result.Dispose();
            }
        }
        kernel.Release();
        foreach (Tensor input in inputs)
        {
            input.Dispose();
        }
        return (output, weights, gradients);
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance * (1 + Math.Abs(expected[i])));
        }
    }
}
