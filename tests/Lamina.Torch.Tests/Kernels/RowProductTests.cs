namespace Lamina.Torch.Tests.Kernels;

public class RowProductTests
{
    public static TheoryData<int, int, int> Shapes =>
        new()
        {
            // rows, in, out
            { 1, 1, 1 },
            { 1, 7, 10 },
            { 1, 33, 64 },
            { 1, 500, 1100 },
            { 2, 7, 10 },
            { 4, 192, 32 },
            { 5, 400, 70 },
            { 33, 193, 96 },
        };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_row_times_a_matrix_is_its_definition(int rows, int inputs, int outputs)
    {
        using Tensor x = Draw(1, 1, inputs);
        using Tensor weight = Draw(2, inputs, outputs);
        using Tensor bias = Draw(3, outputs);
        foreach (int bits in VectorWidths.All)
        {
            using Tensor y = Run(bits, x, weight, bias, relu: rows > 1);
            AssertClose(Product(x, weight, bias, relu: rows > 1), y.AsSpan(), 1e-6 * inputs);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Weights_in_16_bits_are_the_rounded_ones(int rows, int inputs, int outputs) =>
        VectorWidths.Run(new Rounded(rows, inputs, outputs));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Weights_in_bfloat16_are_what_libtorch_rounds_to(int rows, int inputs, int outputs) =>
        VectorWidths.Run(new BFloat16(rows, inputs, outputs));

    [Fact]
    public void Special_weights_in_bfloat16_are_not_passed_over() => VectorWidths.Run(new Special());

    [Theory]
    [InlineData(1e-30f)]
    [InlineData(3e-6f)]
    [InlineData(1)]
    [InlineData(3e8f)]
    [InlineData(1e35f)]
    public void Values_of_any_size_keep_their_precision_with_weights_in_16_bits(float size) =>
        VectorWidths.Run(new LargeValues(size));

    [Theory]
    [InlineData(1e-30f)]
    [InlineData(3e-6f)]
    [InlineData(1)]
    [InlineData(3e8f)]
    public void Weights_of_any_size_keep_their_precision_in_16_bits(float size) => VectorWidths.Run(new Scaled(size));

    [Fact]
    public void Weights_that_are_not_finite_are_refused_in_16_bits()
    {
        using Tensor weight = Draw(2, 3, 5);
        weight.WriteSpan()[7] = float.NaN;
        Assert.Contains(
            "not finite",
            Assert.Throws<LaminaException>(() => new HalfMatrix<Floats256, HalfFormat>(weight)).Message
        );
    }

    [Fact]
    public void Zeros_in_x_are_passed_over_and_NaN_is_not()
    {
        using Tensor x = Draw(1, 1, 64);
        using Tensor weight = Draw(2, 64, 48);
        for (int i = 0; i < 64; i += 3)
        {
            x.WriteSpan()[i] = 0;
        }
        using Tensor y = Run(VectorWidth.Widest, x, weight, null, relu: false);
        AssertClose(Product(x, weight, null, relu: false), y.AsSpan(), 1e-5);
        x.WriteSpan()[5] = float.NaN;
        using Tensor undefined = Run(VectorWidth.Widest, x, weight, null, relu: false);
        Assert.True(float.IsNaN(undefined.AsSpan()[0]));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_that_is_not_finite_is_not_passed_over(float special)
    {
        using Tensor x = Draw(1, 1, 64);
        using Tensor weight = Draw(2, 64, 48);
        x.WriteSpan()[3] = 0;
        weight.WriteSpan()[(3 * 48) + 5] = special;
        using Tensor y = Run(VectorWidth.Widest, x, weight, null, relu: true, skipsZeros: false);
        Assert.Equal([5], Enumerable.Range(0, 48).Where(i => float.IsNaN(y.AsSpan()[i])));
    }

    [Fact]
    public void A_model_s_predictions_follow_its_precision_and_its_weights()
    {
        Symbol input = Layers.Input(6, 6, 3);
        Symbol output = Layers.Dense(5)(Layers.Dense(40, activation: "relu")(Layers.Flatten()(input)));
        Model model = Layers.Model(input, output);
        using Tensor images = Draw(1, 3, 108);
        var x = new NDArray(Shape.Of(3, 6, 6, 3), images.AsSpan().ToArray());
        float[] exact = model.Predict(x).Values.ToArray();
        model.DensePrecision = WeightPrecision.Float16;
        float[] half = model.Predict(x).Values.ToArray();
        float[] singly = model.Predict(x, batchSize: 1).Values.ToArray();
        Assert.NotEqual(exact, half);
        AssertClose(exact, half, 2e-3);
        AssertClose(half, singly, 1e-5);
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues(new float[weight.Count]);
        }
        Assert.All(model.Predict(x).Values.ToArray(), v => Assert.Equal(0, v));
        model.DensePrecision = WeightPrecision.Float32;
        Assert.All(model.Predict(x).Values.ToArray(), v => Assert.Equal(0, v));
    }

    private static Tensor Run(int bits, Tensor x, Tensor weight, Tensor? bias, bool relu, bool skipsZeros = true) =>
        bits switch
        {
            512 => RowProduct<Floats512>.Run(x, weight, bias, relu, skipsZeros),
            256 => RowProduct<Floats256>.Run(x, weight, bias, relu, skipsZeros),
            _ => RowProduct<Floats128>.Run(x, weight, bias, relu, skipsZeros),
        };

    private sealed class Rounded(int rows, int inputs, int outputs) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Draw(1, rows, inputs);
            using Tensor weight = Draw(2, inputs, outputs);
            using Tensor bias = Draw(3, outputs);
            using var half = new HalfMatrix<TVector, HalfFormat>(weight);
            // Powers of two apart, which change nothing in numbers of this size, this is what .NET's Half rounds to.
            using Tensor rounded = Tensor.Empty(weight.Sizes);
            for (int i = 0; i < weight.Count; i++)
            {
                rounded.WriteSpan()[i] = (float)(Half)weight.AsSpan()[i];
            }
            using Tensor y =
                rows == 1 ? RowProduct<TVector>.Run(x, half, bias, relu: true) : half.Multiply(x, bias, relu: true);
            Assert.Equal([rows, outputs], y.Sizes.ToArray());
            AssertClose(Product(x, rounded, bias, relu: true), y.AsSpan(), 2e-6 * inputs);
        }
    }

    private sealed class BFloat16(int rows, int inputs, int outputs) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Draw(1, rows, inputs);
            using Tensor weight = Draw(2, inputs, outputs);
            using Tensor bias = Draw(3, outputs);
            using Tensor reduced = Tensor.Empty(weight.Sizes, DType.BFloat16);
            using Tensor rounded = Tensor.Empty(weight.Sizes);
            reduced.CopyFrom(weight);
            rounded.CopyFrom(reduced);
            using var half = new HalfMatrix<TVector, BFloat16Format>(weight);
            using Tensor y =
                rows == 1 ? RowProduct<TVector>.Run(x, half, bias, relu: true) : half.Multiply(x, bias, relu: true);
            AssertClose(Product(x, rounded, bias, relu: true), y.AsSpan(), 2e-6 * inputs);
        }
    }

    private sealed class Special : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            foreach (float special in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3.4e38f])
            {
                foreach (int rows in (int[])[1, 3])
                {
                    using Tensor x = Draw(1, rows, 64);
                    using Tensor weight = Draw(2, 64, 48);
                    for (int row = 0; row < rows; row++)
                    {
                        x.WriteSpan()[(row * 64) + 3] = 0;
                    }
                    weight.WriteSpan()[(3 * 48) + 5] = special;
                    using var half = new HalfMatrix<TVector, BFloat16Format>(weight);
                    Assert.False(half.IsFinite);
                    using Tensor y =
                        rows == 1
                            ? RowProduct<TVector>.Run(x, half, null, relu: true, skipsZeros: half.IsFinite)
                            : half.Multiply(x, null, relu: true);
                    Assert.All(Enumerable.Range(0, rows), r => Assert.True(float.IsNaN(y.AsSpan()[(r * 48) + 5])));
                    Assert.Equal(rows, y.AsSpan().ToArray().Count(float.IsNaN));
                }
            }
        }
    }

    private sealed class LargeValues(float size) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            foreach (int rows in (int[])[1, 5])
            {
                using Tensor x = Draw(1, rows, 40);
                using Tensor weight = Draw(2, 40, 48);
                foreach (ref float value in x.WriteSpan())
                {
                    value *= size;
                }
                using var half = new HalfMatrix<TVector, HalfFormat>(weight);
                using Tensor y =
                    rows == 1 ? RowProduct<TVector>.Run(x, half, null, relu: false) : half.Multiply(x, null, false);
                AssertClose(Product(x, weight, null, relu: false), y.AsSpan(), 40.0 / 2048 * size);
            }
        }
    }

    private sealed class Scaled(float size) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Draw(1, 1, 40);
            using Tensor weight = Draw(2, 40, 48);
            foreach (ref float value in weight.WriteSpan())
            {
                value *= size;
            }
            using var half = new HalfMatrix<TVector, HalfFormat>(weight);
            using Tensor y = RowProduct<TVector>.Run(x, half, null, relu: false);
            float[] expected = Product(x, weight, null, relu: false);
            AssertClose(expected, y.AsSpan(), 40.0 / 2048 * size);
        }
    }

    private static float[] Product(Tensor x, Tensor weight, Tensor? bias, bool relu)
    {
        (int rows, int inputs, int outputs) = ((int)x.Sizes[0], (int)x.Sizes[1], (int)weight.Sizes[1]);
        var y = new float[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias is null ? 0 : bias.AsSpan()[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += (double)x.AsSpan()[(r * inputs) + i] * weight.AsSpan()[(i * outputs) + o];
                }
                y[(r * outputs) + o] = (float)(relu ? Math.Max(sum, 0) : sum);
            }
        }
        return y;
    }

    private static Tensor Draw(int seed, params long[] sizes)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        Tensor result = Tensor.Empty(sizes);
        foreach (ref float value in result.WriteSpan())
        {
            value = (2 * random.NextSingle()) - 1;
        }
        return result;
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> got, double tolerance)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - got[i]) <= tolerance, $"{i}: expected {expected[i]}, got {got[i]}");
        }
    }
}
