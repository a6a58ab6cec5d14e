using Lamina.Torch;
using static Lamina.Layers;

namespace Lamina.Quantization.Tests;

/// <summary>
/// Networks of all that a quantized plan treats apart, against float32. Weights and statistics are random, so that gains
/// are negative as often as not, and shifts show at borders.
/// </summary>
public class QuantizedNetworkTests
{
    public static TheoryData<string> Networks => [.. s_networks.Keys];

    private static readonly Dictionary<string, Func<Symbol, Symbol>> s_networks = new()
    {
        ["convolution and ReLU"] = x => Conv2D(12, 3, padding: "same", activation: "relu")(x),
        ["no ReLU"] = x => Conv2D(8, 3, padding: "same")(Conv2D(12, 3, padding: "same")(x)),
        ["BN before pooling and padding"] = x =>
        {
            x = Conv2D(70, 5, 2, padding: "same", activation: "relu")(x);
            x = MaxPool2D(3, 2)(BatchNormalization()(x));
            return Conv2D(16, 3, padding: "same", activation: "relu")(x);
        },
        ["BN after pooling, 'valid'"] = x =>
        {
            x = Conv2D(20, 5, activation: "relu")(x);
            x = BatchNormalization()(MaxPool2D(2)(x));
            return Conv2D(16, 3, activation: "relu")(x);
        },
        ["BN into dense"] = x =>
        {
            x = Conv2D(24, 5, 3, activation: "relu")(x);
            x = MaxPool2D(3, 2)(BatchNormalization()(x));
            return Dense(10)(Dropout(.5)(Dense(40, activation: "relu")(Flatten()(x))));
        },
        ["BN right behind a convolution"] = x =>
        {
            x = ReLU()(BatchNormalization()(Conv2D(20, 3, padding: "same", useBias: false)(x)));
            x = BatchNormalization()(Conv2D(12, 3, 2, padding: "same")(x));
            return Dense(7)(Flatten()(x));
        },
        ["BN twice, of images too"] = x =>
        {
            x = Conv2D(16, 3, padding: "same", activation: "relu")(BatchNormalization()(x));
            x = BatchNormalization()(BatchNormalization()(x));
            return Conv2D(16, 3, padding: "same", activation: "relu")(x);
        },
        ["groups and response normalisation"] = x =>
        {
            x = Conv2D(16, 5, 2, Lamina.Padding.Explicit(0, 3, 0, 3), activation: "relu")(x);
            x = MaxPool2D(3, 2)(LocalResponseNormalization(5, 1e-2, .75, 2)(x));
            return Conv2D(12, 3, padding: "same", groups: 2, activation: "relu")(x);
        },
        ["towers"] = x =>
        {
            x = Conv2D(16, 3, padding: "same", activation: "relu")(x);
            Symbol a = Conv2D(6, 3, padding: "same", activation: "relu")(Slice(0, 8)(x));
            Symbol b = MaxPool2D(3, 1, padding: "same")(Slice(8, 8)(x));
            return Conv2D(9, 3, padding: "same", activation: "relu")(Concatenate()(a, b));
        },
        ["ends that float32 reads"] = x =>
        {
            Symbol y = Conv2D(14, 3, padding: "same", activation: "relu")(x);
            Symbol z = Conv2D(14, 3, padding: "same", activation: "tanh")(y);
            return Dense(5)(GlobalAveragePooling2D()(Add()(y, z)));
        },
        ["a reshape that mixes channels"] = x =>
        {
            x = BatchNormalization()(Conv2D(12, 5, 2, activation: "relu")(x));
            return Dense(6)(Reshape(9, 9 * 12 / 4, 4)(x));
        },
        ["numbers in the graph"] = x =>
        {
            x = Conv2D(8, 3, padding: "same", activation: "relu")(x);
            return Dense(5)(Flatten()((x * 0.5) + 1));
        },
        ["a layer twice"] = x =>
        {
            Call<Conv2D> conv = Conv2D(3, 3, padding: "same", activation: "relu");
            return conv(conv(x));
        },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_quantized_network_is_near_the_float32_one(string network)
    {
        Model model = Make(network);
        NDArray samples = Images(1, 24);
        using QuantizedModel quantized = Draw.Quantized(model, samples);
        Assert.NotEmpty(quantized.QuantizedLayers);
        AssertNear(model.Predict(samples), quantized.Predict(samples, batchSize: 7), .02);
        // Ranges of other images are near those of the samples.
        NDArray others = Images(2, 8);
        AssertNear(model.Predict(others), quantized.Predict(others), .03);
    }

    [Fact]
    public void Where_there_are_no_integer_ops_the_result_is_the_same()
    {
        Assert.SkipUnless(
            Aten.HasIntegerOps,
            "this libtorch or this processor has no exact integer ops to compare with."
        );
        Model model = Make("BN into dense");
        NDArray samples = Images(1, 12);
        using QuantizedModel quantized = Draw.Quantized(model, samples);
        using var temp = new TempFolder();
        quantized.Save(temp["m.safetensors"]);
        float[] expected = quantized.Predict(samples).Values.ToArray();
        try
        {
            TorchLibrary.WithoutIntegerOps = true;
            using QuantizedModel emulated = QuantizedModel.Load(temp["m.safetensors"]);
            float[] got = emulated.Predict(samples).Values.ToArray();
            float scale = expected.Max(Math.Abs);
            // Sums of up to 2²⁴ are exact in float32, too; a byte may differ where a multiplication is rounded otherwise.
            Assert.All(expected.Zip(got), v => Assert.Equal(v.First, v.Second, .01f * scale));
        }
        finally
        {
            TorchLibrary.WithoutIntegerOps = false;
        }
    }

    [Fact]
    public void A_whole_network_stays_in_bytes()
    {
        Session.Clear();
        Model model = Zoo.Walkthrough(classes: 10, inputSize: 64);
        using var graph = new IntegerGraph(model, new HashSet<string>());
        string[] steps = [.. graph.Steps.Select(s => s.GetType().Name)];
        Assert.Equal(8, graph.IntegerLayers.Count);
        Assert.Equal(
            [
                "QuantizeStep",
                "ConvolutionStep",
                "BatchNormalizationStep",
                "MaxPoolStep",
                "RemapStep",
                "ConvolutionStep",
                "BatchNormalizationStep",
                "MaxPoolStep",
                "RemapStep",
                "ConvolutionStep",
                "ConvolutionStep",
                "ConvolutionStep",
                "BatchNormalizationStep",
                "MaxPoolStep",
                "KernelStep", // the reshape
                "LinearStep",
                "LinearStep",
                "LinearStep",
                "KernelStep", // the softmax
            ],
            steps
        );
    }

    [Fact]
    public void A_layer_can_stay_in_float32()
    {
        Model model = Make("BN into dense");
        NDArray samples = Images(1, 12);
        string[] kept = [.. model.Layers.Where(l => l is Dense).Select(l => l.Name)];
        using QuantizedModel quantized = Draw.Quantized(model, samples, new QuantizeOptions { FloatLayers = kept });
        Assert.Equal(["conv2d"], quantized.QuantizedLayers);
        AssertNear(model.Predict(samples), quantized.Predict(samples), .02);
        LaminaException error = Assert.Throws<LaminaException>(() =>
            Draw.Quantized(model, samples, new QuantizeOptions { FloatLayers = ["conv9"] })
        );
        Assert.Contains("no layer 'conv9'", error.Message, StringComparison.Ordinal);
        string[] all = [.. kept, "conv2d"];
        error = Assert.Throws<LaminaException>(() =>
            Draw.Quantized(model, samples, new QuantizeOptions { FloatLayers = all })
        );
        Assert.Contains("nothing to quantize", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_on_does_not_change_a_quantized_model()
    {
        Model model = Make("ends that float32 reads");
        NDArray samples = Images(1, 8);
        using QuantizedModel quantized = Draw.Quantized(
            model,
            samples,
            new QuantizeOptions { FloatLayers = ["conv2d_1"] }
        );
        float[] before = quantized.Predict(samples).Values.ToArray();
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues(new float[weight.Count]);
        }
        Assert.Equal(before, quantized.Predict(samples).Values.ToArray());
    }

    [Fact]
    public void Samples_that_do_not_do_are_named()
    {
        Model model = Make("convolution and ReLU");
        Assert.Throws<ShapeException>(() => Draw.Quantized(model, new NDArray([2, 5, 5, 3])));
        NDArray bad = Images(1, 2);
        bad.Values[7] = float.NaN;
        LaminaException error = Assert.Throws<LaminaException>(() => Draw.Quantized(model, bad));
        Assert.Contains("not all finite", error.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        int seen = 0;
        Assert.Throws<OperationCanceledException>(() =>
            Draw.Quantized(
                model,
                Images(1, 6),
                new QuantizeOptions
                {
                    BatchSize = 2,
                    OnProgress = n =>
                    {
                        seen = n;
                        cancelled.Cancel();
                    },
                },
                cancelled.Token
            )
        );
        Assert.Equal(2, seen);
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizeOptions { Percentile = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizeOptions { Samples = 0 });
    }

    [Fact]
    public void Nothing_native_is_left()
    {
        Model model = Make("towers");
        NDArray samples = Images(1, 4);
        Draw.Quantized(model, samples).Dispose();
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        using (QuantizedModel quantized = Draw.Quantized(model, samples))
        {
            quantized.Predict(samples);
            quantized.Predict(samples, 1);
            Assert.True(meter.PeakBytes > 0);
        }
        Assert.Equal((0, 0), (meter.Tensors, meter.Bytes));
    }

    internal static Model Make(string network)
    {
        Session.Clear();
        Session.SetRandomSeed(3);
        Symbol input = Input(21, 21, 3);
        Model model = Model(input, s_networks[network](input));
        int seed = 0;
        foreach (Layer layer in model.Layers.OfType<BatchNormalization>())
        {
            foreach (Weight weight in layer.Weights)
            {
                (float low, float high) = weight.Name switch
                {
                    "moving_variance" => (.05f, 2f),
                    "gamma" => (-1.5f, 1.5f),
                    _ => (-1f, 1f),
                };
                weight.SetValues(Draw.Floats(seed++, (int)weight.Count, low, high));
            }
        }
        return model;
    }

    internal static NDArray Images(long seed, int count) =>
        new([count, 21, 21, 3], Draw.Floats(seed, count * 21 * 21 * 3, -1, 1.5f));

    /// <summary>The root of the mean squared difference, as a share of the root of the mean square.</summary>
    private static void AssertNear(NDArray expected, NDArray got, double tolerance)
    {
        Assert.Equal(expected.Shape, got.Shape);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.Values.Length; i++)
        {
            difference += Math.Pow(expected.Values[i] - got.Values[i], 2);
            size += Math.Pow(expected.Values[i], 2);
        }
        double share = Math.Sqrt(difference / size);
        Assert.True(share < tolerance, FormattableString.Invariant($"differs by {share:P2}"));
        Assert.True(difference > 0, "nothing was quantized");
    }
}
