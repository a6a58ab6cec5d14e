using ILGPU;
using ILGPU.Runtime;
using Lamina.Gpu.Kernels;
using Lamina.Torch.Kernels;
using UpdateKernels = Lamina.Gpu.Kernels.UpdateKernels;

namespace Lamina.Gpu.Tests;

/// <summary>Bias and ReLU, dropout and updates, on ILGPU's CPU accelerator.</summary>
public sealed class ElementKernelTests(Emulator emulator) : IClassFixture<Emulator>
{
    [Fact]
    public void Rounding_is_that_of_hardware()
    {
        // Ties go to even; what is above the largest becomes infinite; NaN stays NaN even if its payload is in the low bits.
        (uint Bits, ushort Rounded)[] cases =
        [
            (0x3f800000, 0x3f80),
            (0x3f808000, 0x3f80),
            (0x3f818000, 0x3f82),
            (0x3f808001, 0x3f81),
            (0x7f7fffff, 0x7f80),
            (0xff800000, 0xff80),
            (0x80000000, 0x8000),
            (0x7f800001, 0x7fc0),
        ];
        Assert.All(cases, c => Assert.Equal(c.Rounded, BFloat.Round(BitConverter.UInt32BitsToSingle(c.Bits))));
    }

    [Fact]
    public void Bias_and_ReLU()
    {
        const int channels = 5;
        float[] x = Numbers.Draw(7 * channels, seed: 1);
        x[3] = float.NaN;
        float[] bias = Numbers.Draw(channels, seed: 2, scale: 0.5f);
        using MemoryBuffer1D<ushort, Stride1D.Dense> values = emulator.PutRounded(x);
        using MemoryBuffer1D<float, Stride1D.Dense> b = emulator.Put(bias);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ushort>, ArrayView<float>>(
            BiasKernels.BiasRelu
        )(x.Length, values.View, b.View);
        emulator.Accelerator.Synchronize();
        float[] y = values.Floats();
        Assert.True(float.IsNaN(y[3]));
        y[3] = x[3] = 0;
        double[] expected = [.. x.Select((v, i) => i == 3 ? 0 : Math.Max(0, v + (double)bias[i % channels]))];
        Numbers.AssertRounded(expected, y);
        Assert.Contains(0f, y);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(50)]
    public void The_gradients_of_ReLU_and_bias(int slices)
    {
        const int channels = 3;
        const int rows = 21;
        float[] g = Numbers.Draw(rows * channels, seed: 3);
        float[] y = [.. Numbers.Draw(rows * channels, seed: 4).Select(v => Math.Max(v, 0))];
        using MemoryBuffer1D<ushort, Stride1D.Dense> gradient = emulator.PutRounded(g);
        using MemoryBuffer1D<ushort, Stride1D.Dense> output = emulator.PutRounded(y);
        using MemoryBuffer1D<float, Stride1D.Dense> parts = emulator.Zeros<float>(slices * channels);
        using MemoryBuffer1D<float, Stride1D.Dense> sums = emulator.Zeros<float>(channels);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<float>,
            int,
            int
        >(BiasKernels.ReluBiasGradient)(slices * channels, gradient.View, output.View, parts.View, channels, slices);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>>(SliceKernels.Sum)(
            channels,
            parts.View,
            sums.View
        );
        emulator.Accelerator.Synchronize();
        float[] masked = [.. g.Select((v, i) => y[i] > 0 ? v : 0)];
        Assert.Equal(masked, gradient.Floats());
        double[] expected =
        [
            .. Enumerable.Range(0, channels).Select(c => masked.Where((_, i) => i % channels == c).Sum(v => (double)v)),
        ];
        Numbers.AssertNear(expected, sums.GetAsArray1D());
    }

    [Theory]
    [InlineData(0.5, 1024)]
    [InlineData(0.1, 1001)]
    [InlineData(0.999, 3)]
    public void Dropout_keeps_what_the_CPU_keeps(double rate, int count)
    {
        var random = new RandomStream(seed: 12, RandomPurpose.Dropout, step: 345, index: 6);
        (uint index, uint step, uint key0, uint key1) = random.Name;
        var mask = new DropoutMask();
        mask.Draw(count, rate, random);
        var kept = new bool[count];
        mask.CopyTo(kept);
        var stream = new DropoutStream
        {
            Index = index,
            Step = step,
            Key0 = key0,
            Key1 = key1,
            Threshold = (ulong)Math.Ceiling(rate * (1ul << 32)),
            Scale = (float)(1 / (1 - rate)),
        };
        float[] x = [.. Numbers.Draw(count, seed: 5).Select(v => v == 0 ? 1 : v)];
        using MemoryBuffer1D<ushort, Stride1D.Dense> values = emulator.PutRounded(x);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ushort>, DropoutStream>(
            DropoutKernels.Apply
        )((count + 3) / 4, values.View, stream);
        emulator.Accelerator.Synchronize();
        Assert.Equal(x.Select((v, i) => kept[i] ? Numbers.Rounded(v * stream.Scale) : 0), values.Floats());
    }

    [Fact]
    public void SGD_with_momentum_average_and_copy()
    {
        const int count = 40;
        float[] w = Numbers.Draw(count, seed: 6);
        float[] m = Numbers.Draw(count, seed: 7, scale: 0.1f);
        float[] e = Numbers.Draw(count, seed: 8);
        float[] g = Numbers.Draw(count, seed: 9);
        // Nesterov's momentum with weight decay, as coefficients.
        var k = new SgdStep
        {
            Momentum = 0.9f,
            A = -0.01f,
            B = -0.001f,
            C = 0.999f,
            D = 0.9f,
            E = -0.01f,
            Average = 0.75f,
        };
        using MemoryBuffer1D<float, Stride1D.Dense> weights = emulator.Put(w);
        using MemoryBuffer1D<float, Stride1D.Dense> moments = emulator.Put(m);
        using MemoryBuffer1D<float, Stride1D.Dense> averages = emulator.Put(e);
        using MemoryBuffer1D<ushort, Stride1D.Dense> gradients = emulator.PutRounded(g);
        using MemoryBuffer1D<ushort, Stride1D.Dense> copy = emulator.Zeros<ushort>(count);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<ushort>,
            ArrayView<ushort>,
            SgdStep
        >(UpdateKernels.Sgd)(count, weights.View, moments.View, averages.View, gradients.View, copy.View, k);
        emulator.Accelerator.Synchronize();
        double[] momentum =
        [
            .. m.Select((v, i) => (v * (double)k.Momentum) + (g[i] * (double)k.A) + (w[i] * (double)k.B)),
        ];
        double[] moved = [.. w.Select((v, i) => (v * (double)k.C) + (momentum[i] * k.D) + (g[i] * (double)k.E))];
        Numbers.AssertNear(momentum, moments.GetAsArray1D());
        Numbers.AssertNear(moved, weights.GetAsArray1D());
        Numbers.AssertNear([.. e.Select((v, i) => (v * 0.75) + (moved[i] * 0.25))], averages.GetAsArray1D());
        Assert.Equal(weights.GetAsArray1D().Select(Numbers.Rounded), copy.Floats());
    }

    [Fact]
    public void AdamW_with_copy_and_without_an_average()
    {
        const int count = 40;
        float[] w = Numbers.Draw(count, seed: 10);
        float[] m = Numbers.Draw(count, seed: 11, scale: 0.1f);
        float[] v = [.. Numbers.Draw(count, seed: 12).Select(Math.Abs)];
        float[] g = Numbers.Draw(count, seed: 13);
        var k = new AdamStep
        {
            Beta1 = 0.9f,
            Beta2 = 0.999f,
            Epsilon = 1e-7f,
            Rate = 0.002f,
            Scale = 0.9999f,
            Average = 1,
        };
        using MemoryBuffer1D<float, Stride1D.Dense> weights = emulator.Put(w);
        using MemoryBuffer1D<float, Stride1D.Dense> means = emulator.Put(m);
        using MemoryBuffer1D<float, Stride1D.Dense> squares = emulator.Put(v);
        using MemoryBuffer1D<ushort, Stride1D.Dense> gradients = emulator.PutRounded(g);
        using MemoryBuffer1D<ushort, Stride1D.Dense> copy = emulator.Zeros<ushort>(count);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<ushort>,
            ArrayView<ushort>,
            AdamStep
        >(UpdateKernels.Adam)(
            count,
            weights.View,
            means.View,
            squares.View,
            ArrayView<float>.Empty,
            gradients.View,
            copy.View,
            k
        );
        emulator.Accelerator.Synchronize();
        double[] mean = [.. m.Select((x, i) => (x * (double)k.Beta1) + (g[i] * (1 - (double)k.Beta1)))];
        double[] square =
        [
            .. v.Select((x, i) => (x * (double)k.Beta2) + ((double)g[i] * g[i] * (1 - (double)k.Beta2))),
        ];
        double[] moved =
        [
            .. w.Select((x, i) => (x * (double)k.Scale) - (mean[i] * k.Rate / (Math.Sqrt(square[i]) + k.Epsilon))),
        ];
        Numbers.AssertNear(mean, means.GetAsArray1D());
        Numbers.AssertNear(square, squares.GetAsArray1D());
        Numbers.AssertNear(moved, weights.GetAsArray1D());
        Assert.Equal(weights.GetAsArray1D().Select(Numbers.Rounded), copy.Floats());
    }
}
