using Lamina.Torch;
using Lamina.Torch.Tests;
using static Lamina.Layers;

namespace Lamina.Tests.Smoke;

/// <summary>
/// NaN and infinities pass through every kernel as they do through libtorch's plain ops: the processor's float32 kernels, with
/// fused ReLU where there is one, against the dispatcher's in float64.
/// </summary>
public class NonFiniteTests
{
    private static readonly float[] s_specials = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    private static Dictionary<string, (Func<Symbol> Build, int[]?[] Sizes)> AllCases
    {
        get
        {
            Dictionary<string, (Func<Symbol>, int[]?[])> cases = KernelCases.All();
            cases["conv by Winograd 3x3"] = Conv([1, 13, 12, 16], 3, 16, 1, 1);
            cases["conv by Winograd 5x5"] = Conv([1, 13, 12, 16], 5, 16, 1, 2);
            cases["conv by patches"] = Conv([2, 19, 19, 3], 11, 16, 4, 4);
            cases["conv by oneDNN"] = Conv([2, 11, 11, 5], 3, 7, 2, 1);
            cases["linear of one row"] = (
                () => Ops.Linear(Input(Shape.Of(40), 1), Input(Shape.Of(33), 40), Input(Shape.Of(), 33)),
                [
                    [1, 40],
                    [40, 33],
                    [33],
                ]
            );
            cases["max pool of blocks"] = (
                () => Ops.MaxPool(Input(Shape.Of(9, 9, 37), 2), 3, 2),
                [
                    [2, 9, 9, 37],
                ]
            );
            return cases;
        }
    }

    public static TheoryData<string, bool, bool> Cases
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach ((string name, (Func<Symbol> build, _)) in AllCases)
            {
                data.Add(name, true, false);
                data.Add(name, false, false);
                if (build().Producer.Op is ConvolutionOp or LinearOp)
                {
                    data.Add(name, false, true);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_that_are_not_finite_pass_through(string name, bool training, bool fuseRelu)
    {
        (Func<Symbol> build, int[]?[] sizes) = AllCases[name];
        OpNode node = build().Producer;
        foreach (float special in s_specials)
        {
            for (int input = 0; input < sizes.Length; input++)
            {
                if (sizes[input] is not null)
                {
                    Check(node, sizes, input, special, training, fuseRelu);
                }
            }
        }
    }

    [Fact]
    public void The_gradient_passes_where_a_ReLU_s_output_is_NaN()
    {
        // As libtorch's threshold_backward: only outputs that are at most 0 stop it.
        float[] output = [.. Enumerable.Range(0, 37).Select(i => i % 3 == 0 ? float.NaN : i % 3 - 1)];
        OpNode node = Ops.Relu(Input(37)).Producer;
        foreach (Device device in TestDevices.All)
        {
            using Tensor y = Tensor.FromSpan(output, [1, 37]);
            Tensor gradient = Tensor.Empty([1, 37]);
            gradient.Fill(2);
            var results = new Tensor?[1];
            Backends
                .For(device)
                .Create(node)
                .Backward(new StepContext(true, 0, 0), [null], y, gradient, [true], results);
            using Tensor masked = results[0]!;
            Assert.Equal(output.Select(v => v <= 0 ? 0f : 2), masked.AsSpan().ToArray());
        }
    }

    [Fact]
    public void Predictions_and_losses_of_NaN_pixels_are_NaN()
    {
        Symbol input = Layers.Input(15, 15, 3);
        Symbol x = Conv2D(16, 5, 2, activation: "relu")(input);
        x = BatchNormalization()(MaxPool2D(2)(x));
        x = Dense(20, activation: "relu")(Flatten()(x));
        Model model = Layers.Model(input, Dense(4, activation: "softmax")(x));
        var images = new NDArray(Shape.Of(2, 15, 15, 3), new float[2 * 15 * 15 * 3]);
        images.Values[340] = float.NaN;
        float[] scores = model.Predict(images).Values.ToArray();
        Assert.All(scores[..4], s => Assert.True(float.IsNaN(s)));
        Assert.All(scores[4..], s => Assert.True(float.IsFinite(s)));
        Assert.All(model.Predict(images, batchSize: 1).Values[..4].ToArray(), s => Assert.True(float.IsNaN(s)));

        var labels = new NDArray(Shape.Of(2), new float[2]);
        model.Compile(new Sgd(0), "sparse_categorical_crossentropy", ["accuracy"]);
        Assert.True(double.IsNaN(model.Evaluate(images, labels)["loss"]));

        var clean = new NDArray(Shape.Of(2, 15, 15, 3), new float[2 * 15 * 15 * 3]);
        using QuantizedModel quantized = model.Quantize(clean, cancellation: TestContext.Current.CancellationToken);
        scores = quantized.Predict(images).Values.ToArray();
        Assert.All(scores[..4], s => Assert.True(float.IsNaN(s)));
        Assert.All(scores[4..], s => Assert.True(float.IsFinite(s)));
    }

    private static void Check(OpNode node, int[]?[] sizes, int input, float special, bool training, bool fuseRelu)
    {
        float[]?[] values = Draw(sizes, input, special);
        double[] expected = Forward(node, DType.Float64, values, sizes, training, fuseRelu, out _);
        double[] actual = Forward(node, DType.Float32, values, sizes, training, fuseRelu, out string algorithm);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Agree(node.Op, input, special, algorithm, expected[i], actual[i]),
                $"{algorithm}, {special} in input {input}: {actual[i]} at {i} instead of {expected[i]}"
            );
        }
    }

    private static bool Agree(Op op, int input, float special, string algorithm, double expected, double actual)
    {
        if (double.IsFinite(expected))
        {
            // Winograd's algorithm sums a tile's pixels before it multiplies, so that all of the tile is lost.
            return Math.Abs(expected - actual) <= 1e-4 * (1 + Math.Abs(expected))
                || algorithm.Contains("Winograd", StringComparison.Ordinal) && !double.IsFinite(actual);
        }
        // Whether padding, which is 0, is multiplied by a kernel differs between libtorch's own convolutions.
        bool padding = op is ConvolutionOp && input == 1;
        // Where infinities meet, the order of sums decides between NaN and an infinity.
        return padding || (float.IsNaN(special) ? double.IsNaN(actual) : !double.IsFinite(actual));
    }

    private static float[]?[] Draw(int[]?[] sizes, int input, float special)
    {
        var random = new RandomStream(3, RandomPurpose.User);
        var values = new float[]?[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] is not { } s)
            {
                continue;
            }
            var drawn = new float[s.Aggregate(1, (a, b) => a * b)];
            foreach (ref float value in drawn.AsSpan())
            {
                value = (random.NextSingle() * 4) - 2;
            }
            values[i] = drawn;
        }
        // Zeros, as a ReLU makes them, on which shortcuts may be taken.
        for (int i = 0; input != 0 && i < values[0]!.Length; i += 2)
        {
            values[0]![i] = 0;
        }
        values[input]![values[input]!.Length / 2] = special;
        return values;
    }

    private static double[] Forward(
        OpNode node,
        DType type,
        float[]?[] values,
        int[]?[] sizes,
        bool training,
        bool fuseRelu,
        out string algorithm
    )
    {
        KernelFactory kernels = type == DType.Float64 ? DispatcherKernels.Instance : CpuKernels.Instance;
        Kernel kernel = kernels.Create(
            node,
            new KernelRequest
            {
                Inference = !training && type == DType.Float32,
                Epilogue = fuseRelu && type == DType.Float32 ? Epilogue.Relu : null,
            }
        );
        var inputs = new Tensor[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            inputs[i] = Tensor.Empty(
                sizes[i] is { } s ? [.. s.Select(d => (long)d)] : [node.Inputs[i].Shape[0]!.Value],
                type
            );
            if (values[i] is { } v)
            {
                using Tensor source = Tensor.FromSpan(v, inputs[i].Sizes);
                inputs[i].CopyFrom(source);
            }
            else
            {
                // The stored mean and variance.
                inputs[i].Fill(i - 1);
            }
        }
        using Tensor y = kernel.Forward(new StepContext(training, 7, 3), inputs, false);
        algorithm = kernel.Algorithm;
        if (fuseRelu && type != DType.Float32)
        {
            Aten.UnaryInPlace("aten::relu_"u8, y);
        }
        using Tensor wide = Tensor.Empty(y.Sizes, DType.Float64);
        wide.CopyFrom(y);
        double[] result = wide.Elements<double>().ToArray();
        kernel.Dispose();
        Array.ForEach(inputs, t => t.Dispose());
        return result;
    }

    private static (Func<Symbol>, int[]?[]) Conv(int[] x, int window, int filters, int stride, int pad) =>
        (
            () =>
                Ops.Convolution(
                    Input(Shape.Of(x.AsSpan(1)), x[0]),
                    Input(Shape.Of(window, x[3], filters), window),
                    Input(Shape.Of(), filters),
                    stride,
                    new Pads2(pad, pad, pad, pad),
                    1,
                    1
                ),
            [x, [filters, window, window, x[3]], [filters]]
        );
}
