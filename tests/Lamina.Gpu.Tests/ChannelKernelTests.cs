using ILGPU;
using ILGPU.Runtime;
using Lamina.Gpu.Kernels;

namespace Lamina.Gpu.Tests;

/// <summary>Normalizations, pooling and cross-entropy, on ILGPU's CPU accelerator.</summary>
public sealed class ChannelKernelTests(Emulator emulator) : IClassFixture<Emulator>
{
    private const float Epsilon = 1e-3f;

    [Theory]
    [InlineData(true, 3, 0)]
    [InlineData(false, 1, 0)]
    // A mean that is far from 0 beside the deviation.
    [InlineData(true, 7, 100)]
    public void Batch_normalization_with_ReLU_both_ways(bool relu, int slices, float offset)
    {
        const int channels = 4;
        const int rows = 23;
        float[] x = [.. Numbers.Draw(rows * channels, seed: 1, scale: 3).Select(v => Numbers.Rounded(v + offset))];
        float[] g = Numbers.Draw(rows * channels, seed: 2);
        float[] affine = [1.5f, -0.5f, 1, 2, 0.1f, 0.2f, -0.3f, 0];
        float[] moving = [.. Numbers.Draw(channels, seed: 3), 1, 2, 3, 4];
        var shape = new NormalizationShape(channels, slices, Epsilon, momentum: 0.9f, relu ? 1 : 0);
        Accelerator gpu = emulator.Accelerator;
        using MemoryBuffer1D<ushort, Stride1D.Dense> input = emulator.PutRounded(x);
        using MemoryBuffer1D<ushort, Stride1D.Dense> output = emulator.Zeros<ushort>(x.Length);
        using MemoryBuffer1D<ushort, Stride1D.Dense> gradient = emulator.PutRounded(g);
        using MemoryBuffer1D<float, Stride1D.Dense> parts = emulator.Zeros<float>(2 * slices * channels);
        using MemoryBuffer1D<float, Stride1D.Dense> batch = emulator.Zeros<float>(2 * channels);
        using MemoryBuffer1D<float, Stride1D.Dense> stored = emulator.Put(moving);
        using MemoryBuffer1D<float, Stride1D.Dense> scales = emulator.Put(affine);
        using MemoryBuffer1D<float, Stride1D.Dense> slopes = emulator.Zeros<float>(2 * channels);
        gpu.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ushort>, ArrayView<float>, NormalizationShape>(
            BatchNormalizationKernels.Moments
        )(slices * channels, input.View, parts.View, shape);
        gpu.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<float>,
            NormalizationShape
        >(BatchNormalizationKernels.Statistics)(channels, input.View, parts.View, batch.View, stored.View, shape);
        gpu.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<ushort>,
            NormalizationShape
        >(BatchNormalizationKernels.Normalize)(x.Length, input.View, batch.View, scales.View, output.View, shape);
        gpu.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<float>,
            ArrayView<float>,
            NormalizationShape
        >(BatchNormalizationKernels.GradientSums)(
            slices * channels,
            gradient.View,
            input.View,
            output.View,
            batch.View,
            parts.View,
            shape
        );
        gpu.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>>(SliceKernels.Sum)(
            2 * channels,
            parts.View,
            slopes.View
        );
        gpu.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<float>,
            ArrayView<float>,
            ArrayView<float>,
            NormalizationShape
        >(BatchNormalizationKernels.InputGradient)(
            x.Length,
            gradient.View,
            input.View,
            batch.View,
            scales.View,
            slopes.View,
            shape
        );
        gpu.Synchronize();

        for (int c = 0; c < channels; c++)
        {
            int channel = c;
            double[] column = [.. x.Where((_, i) => i % channels == channel).Select(v => (double)v)];
            double mean = column.Average();
            double variance = column.Average(v => (v - mean) * (v - mean));
            double inverse = 1 / Math.Sqrt(variance + Epsilon);
            double[] normal = [.. column.Select(v => (v - mean) * inverse)];
            double[] value = [.. normal.Select(n => (n * affine[channel]) + affine[channels + channel])];
            double[] y = [.. value.Select(v => relu ? Math.Max(v, 0) : v)];
            Numbers.AssertRounded(y, Column(output.Floats(), c), floor: 1e-4);
            Numbers.AssertNear([mean, inverse], Column(batch.GetAsArray1D(), c), 1e-5);
            Numbers.AssertNear(
                [(moving[c] * 0.9) + (mean * 0.1), (moving[channels + c] * 0.9) + (variance * 0.1)],
                Column(stored.GetAsArray1D(), c),
                1e-5
            );
            double[] slope = [.. Column(g, c).Select((v, r) => relu && value[r] <= 0 ? 0 : (double)v)];
            double shift = slope.Sum();
            double scale = slope.Select((v, r) => v * normal[r]).Sum();
            Numbers.AssertNear([shift, scale], Column(slopes.GetAsArray1D(), c), 1e-4);
            Numbers.AssertRounded(
                [
                    .. slope.Select(
                        (v, r) => affine[channel] * inverse * (v - (shift / rows) - (normal[r] * scale / rows))
                    ),
                ],
                Column(gradient.Floats(), c),
                floor: 1e-4
            );
        }

        static float[] Column(float[] values, int channel) => [.. values.Where((_, i) => i % channels == channel)];
    }

    [Theory]
    [InlineData(7, 9, 3, 2, 0)]
    [InlineData(6, 6, 2, 2, 0)]
    [InlineData(7, 5, 3, 2, 1)]
    [InlineData(5, 5, 3, 1, 1)]
    [InlineData(8, 8, 2, 3, 0)]
    public void Max_pooling_both_ways(int height, int width, int window, int stride, int padding)
    {
        const int images = 2;
        const int channels = 3;
        int outHeight = ((height + (2 * padding) - window) / stride) + 1;
        int outWidth = ((width + (2 * padding) - window) / stride) + 1;
        var shape = new PoolShape
        {
            Height = height,
            Width = width,
            Channels = channels,
            OutHeight = outHeight,
            OutWidth = outWidth,
            Window = window,
            Stride = stride,
            Top = padding,
            Left = padding,
        };
        // Few different values, so that maxima are equal and the first must win.
        var random = new Random(4);
        float[] x = [.. Enumerable.Range(0, images * height * width * channels).Select(_ => random.Next(-6, 2) / 4f)];
        float[] g = Numbers.Draw(images * outHeight * outWidth * channels, seed: 5);
        using MemoryBuffer1D<ushort, Stride1D.Dense> input = emulator.PutRounded(x);
        using MemoryBuffer1D<ushort, Stride1D.Dense> output = emulator.Zeros<ushort>(g.Length);
        using MemoryBuffer1D<byte, Stride1D.Dense> places = emulator.Zeros<byte>(g.Length);
        using MemoryBuffer1D<ushort, Stride1D.Dense> gradient = emulator.PutRounded(g);
        using MemoryBuffer1D<ushort, Stride1D.Dense> result = emulator.Zeros<ushort>(x.Length);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<byte>,
            PoolShape
        >(MaxPoolKernels.Forward)(g.Length, input.View, output.View, places.View, shape);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<byte>,
            ArrayView<ushort>,
            PoolShape
        >(MaxPoolKernels.Backward)(x.Length, gradient.View, places.View, result.View, shape);
        emulator.Accelerator.Synchronize();

        var expected = new double[g.Length];
        var back = new double[x.Length];
        for (int o = 0; o < g.Length; o++)
        {
            int channel = o % channels;
            int column = o / channels % outWidth;
            int row = o / (channels * outWidth) % outHeight;
            int image = o / (channels * outWidth * outHeight);
            int best = -1;
            for (int k = 0; k < window * window; k++)
            {
                int r = (row * stride) - padding + (k / window);
                int c = (column * stride) - padding + (k % window);
                if (r < 0 || c < 0 || r >= height || c >= width)
                {
                    continue;
                }
                int at = (((((image * height) + r) * width) + c) * channels) + channel;
                best = best < 0 || x[at] > x[best] ? at : best;
            }
            expected[o] = x[best];
            back[best] += g[o];
        }
        Assert.Equal(expected.Select(v => (float)v), output.Floats());
        Numbers.AssertRounded(back, result.Floats());
    }

    [Fact]
    public void Pooling_passes_NaN_on()
    {
        var shape = new PoolShape
        {
            Height = 2,
            Width = 2,
            Channels = 1,
            OutHeight = 1,
            OutWidth = 1,
            Window = 2,
            Stride = 2,
        };
        using MemoryBuffer1D<ushort, Stride1D.Dense> input = emulator.PutRounded([1, float.NaN, 3, 2]);
        using MemoryBuffer1D<ushort, Stride1D.Dense> output = emulator.Zeros<ushort>(1);
        using MemoryBuffer1D<byte, Stride1D.Dense> places = emulator.Zeros<byte>(1);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<byte>,
            PoolShape
        >(MaxPoolKernels.Forward)(1, input.View, output.View, places.View, shape);
        emulator.Accelerator.Synchronize();
        Assert.True(float.IsNaN(output.Floats()[0]));
        Assert.Equal(1, places.GetAsArray1D()[0]);
    }

    [Theory]
    [InlineData(5, 1e-1f, 0.75f, 2f)]
    [InlineData(3, 1e-4f, 0.5f, 1f)]
    [InlineData(9, 2e-1f, 0.75f, 1f)]
    public void Local_response_normalization_both_ways(int size, float alpha, float beta, float k)
    {
        const int channels = 7;
        float[] x = Numbers.Draw(6 * channels, seed: 6, scale: 2);
        float[] g = Numbers.Draw(6 * channels, seed: 7);
        var shape = new LocalResponseShape
        {
            Channels = channels,
            Size = size,
            K = k,
            Alpha = alpha,
            Beta = beta,
        };
        using MemoryBuffer1D<ushort, Stride1D.Dense> input = emulator.PutRounded(x);
        using MemoryBuffer1D<ushort, Stride1D.Dense> output = emulator.Zeros<ushort>(x.Length);
        using MemoryBuffer1D<ushort, Stride1D.Dense> gradient = emulator.PutRounded(g);
        using MemoryBuffer1D<ushort, Stride1D.Dense> result = emulator.Zeros<ushort>(x.Length);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            LocalResponseShape
        >(LocalResponseKernels.Forward)(x.Length, input.View, output.View, shape);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<ushort>,
            ArrayView<ushort>,
            ArrayView<ushort>,
            LocalResponseShape
        >(LocalResponseKernels.Backward)(x.Length, gradient.View, input.View, result.View, shape);
        emulator.Accelerator.Synchronize();

        Numbers.AssertRounded(Outputs([.. x.Select(v => (double)v)]), output.Floats());
        // The gradient by finite differences.
        double[] slopes =
        [
            .. x.Select(
                (_, i) =>
                {
                    const double h = 1e-5;
                    double[] up = [.. x.Select((v, j) => v + (i == j ? h : 0))];
                    double[] down = [.. x.Select((v, j) => v - (i == j ? h : 0))];
                    return Outputs(up).Zip(Outputs(down), (a, b) => (a - b) / (2 * h)).Select((d, j) => d * g[j]).Sum();
                }
            ),
        ];
        Numbers.AssertRounded(slopes, result.Floats(), floor: 1e-4);

        double[] Outputs(double[] values) =>
            [
                .. values.Select(
                    (v, i) =>
                    {
                        int channel = i % channels;
                        double sum = k;
                        for (
                            int j = Math.Max(0, channel - (size / 2));
                            j <= Math.Min(channels - 1, channel + (size / 2));
                            j++
                        )
                        {
                            double neighbor = values[i - channel + j];
                            sum += alpha * neighbor * neighbor;
                        }
                        return v * Math.Pow(sum, -beta);
                    }
                ),
            ];
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(0.1f, 16)]
    [InlineData(0.1f, 1)]
    public void Cross_entropy_with_gradient_and_counts(float smoothing, int threads)
    {
        const int rows = 6;
        const int classes = 11;
        float[] z = Numbers.Draw(rows * classes, seed: 8, scale: 6);
        // Large scores, equal ones, and one that beats all.
        z[0] = 300;
        z[classes + 2] = z[classes + 5];
        z[(2 * classes) + 3] = 20;
        int[] labels = [4, 5, 3, 0, 10, 7];
        var shape = new CrossEntropyShape
        {
            Classes = classes,
            Top = 5,
            Smoothing = smoothing,
            Scale = 1f / rows,
        };
        using MemoryBuffer1D<ushort, Stride1D.Dense> logits = emulator.PutRounded(z);
        using MemoryBuffer1D<int, Stride1D.Dense> wanted = emulator.Put(labels);
        using MemoryBuffer1D<float, Stride1D.Dense> values = emulator.Zeros<float>(3 * rows);
        using MemoryBuffer1D<float, Stride1D.Dense> sums = emulator.Put(100f, 200f, 300f);
        emulator.Accelerator.LoadStreamKernel<ArrayView<ushort>, ArrayView<int>, ArrayView<float>, CrossEntropyShape>(
            CrossEntropyKernels.Rows
        )((rows, threads), logits.View, wanted.View, values.View, shape);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>>(
            CrossEntropyKernels.Accumulate
        )(3, values.View, sums.View);
        emulator.Accelerator.Synchronize();

        float[] gradient = logits.Floats();
        float[] row = values.GetAsArray1D();
        double[] totals = [100, 200, 300];
        for (int r = 0; r < rows; r++)
        {
            double[] scores = [.. z.Skip(r * classes).Take(classes).Select(v => (double)v)];
            double most = scores.Max();
            double log = most + Math.Log(scores.Sum(v => Math.Exp(v - most)));
            double[] target =
            [
                .. scores.Select(
                    (_, c) => (smoothing / (double)classes) + (c == labels[r] ? 1 - (double)smoothing : 0)
                ),
            ];
            double loss = target.Select((t, c) => t * (log - scores[c])).Sum();
            int rank = scores
                .Where((v, c) => v > scores[labels[r]] || (v == scores[labels[r]] && c < labels[r]))
                .Count();
            Numbers.AssertNear(
                [loss, rank < 1 ? 1 : 0, rank < 5 ? 1 : 0],
                [row[r], row[rows + r], row[(2 * rows) + r]],
                1e-5
            );
            Numbers.AssertRounded(
                [.. target.Select((t, c) => (Math.Exp(scores[c] - log) - t) / rows)],
                gradient.AsSpan(r * classes, classes).ToArray(),
                floor: 1e-6
            );
            totals[0] += loss;
            totals[1] += rank < 1 ? 1 : 0;
            totals[2] += rank < 5 ? 1 : 0;
        }
        Numbers.AssertNear(totals, sums.GetAsArray1D(), 1e-5);
        Assert.NotEqual(totals[1] - 200, totals[2] - 300);
    }
}
