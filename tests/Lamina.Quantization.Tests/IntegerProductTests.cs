using Lamina.Torch;
using Lamina.Torch.Cpu;
using Lamina.Torch.Kernels;

namespace Lamina.Quantization.Tests;

/// <summary>
/// Products of bytes against loops in whole numbers: those by own loops at every vector width, and oneDNN's where the processor
/// has them. Multipliers are powers of two and offsets whole, so that nothing is rounded but the result: equal means bit for
/// bit.
/// </summary>
public class IntegerProductTests
{
    [Theory]
    [InlineData(1, 15, 3, 8, 11, 4, 0, 1, 1)]
    [InlineData(2, 9, 16, 12, 5, 1, 2, 1, 1)]
    [InlineData(3, 7, 12, 18, 3, 1, 1, 1, 3)]
    [InlineData(1, 13, 64, 48, 3, 1, 1, 1, 2)]
    [InlineData(2, 12, 5, 7, 3, 2, 1, 2, 1)]
    [InlineData(1, 6, 1, 4, 2, 1, 0, 1, 1)]
    [InlineData(4, 1, 20, 9, 1, 1, 0, 1, 1)]
    [InlineData(1, 13, 32, 40, 3, 1, 1, 1, 1)]
    [InlineData(5, 7, 64, 35, 3, 1, 0, 1, 1)]
    [InlineData(2, 9, 128, 48, 5, 1, 2, 1, 2)]
    [InlineData(40, 6, 32, 16, 5, 1, 1, 1, 1)]
    [InlineData(2, 27, 64, 17, 5, 1, 2, 1, 1)]
    [InlineData(3, 10, 7, 33, 3, 1, 1, 1, 1)]
    [InlineData(2, 10, 15, 9, 3, 2, 1, 1, 3)]
    [InlineData(1, 5, 4600, 3, 3, 1, 1, 1, 1)]
    [InlineData(1, 8, 512, 5, 3, 1, 1, 1, 1)]
    public void A_convolution_of_bytes_is_exact(
        int batch,
        int size,
        int channels,
        int filters,
        int window,
        int stride,
        int pad,
        int dilation,
        int groups
    )
    {
        int perGroup = channels / groups;
        using Tensor x = Draw.Bytes(size, batch, size, size, channels);
        sbyte[] weights = Draw.Weights(window, filters * window * window * perGroup);
        (float[] multiplier, float[] offset) = Scaling(filters, window * window * perGroup);
        int outputs = ((size + (2 * pad) - (dilation * (window - 1)) - 1) / stride) + 1;
        var sums = new long[batch * outputs * outputs * filters];
        ReadOnlySpan<byte> bytes = x.Elements<byte>();
        for (int i = 0; i < sums.Length; i++)
        {
            int f = i % filters;
            int ox = i / filters % outputs;
            int oy = i / filters / outputs % outputs;
            int n = i / filters / outputs / outputs;
            int first = f / (filters / groups) * perGroup;
            for (int t = 0; t < window * window * perGroup; t++)
            {
                int c = t % perGroup;
                int ix = (ox * stride) - pad + (t / perGroup % window * dilation);
                int iy = (oy * stride) - pad + (t / perGroup / window * dilation);
                if (ix >= 0 && iy >= 0 && ix < size && iy < size)
                {
                    sums[i] +=
                        bytes[(((((n * size) + iy) * size) + ix) * channels) + first + c]
                        * weights[(f * window * window * perGroup) + t];
                }
            }
        }
        var op = new ConvolutionOp(stride, new Pads2(pad, pad, pad, pad), dilation, groups);
        var shape = new ByteConvolutionShape(op, window, size, channels, filters);
        AssertOwn(sums, multiplier, offset, x, (kernels, to) => kernels.Convolution(shape, weights, to));
        if (!Aten.HasIntegerOps)
        {
            return;
        }
        long[] sizes = [filters, window, window, perGroup];
        using Tensor kernel = Kernel(weights, sizes);
        using Tensor logical = Layout.ToChannelsFirst(kernel);
        using Tensor scales = Tensor.FromSpan(multiplier, [filters]);
        PackedTensor packed = Aten.PackConvolution(
            logical,
            scales,
            [stride, stride],
            [pad, pad],
            [dilation, dilation],
            groups,
            [1, channels, size, size]
        );
        using IntegerWeights w = Weights(packed, multiplier, offset);
        using Tensor view = Layout.ToChannelsFirst(x);
        AssertAll(
            sums,
            multiplier,
            offset,
            (type, relu) =>
                Layout.TakeChannelsLast(
                    Aten.IntegerConvolution(
                        view,
                        w,
                        [stride, stride],
                        [pad, pad],
                        [dilation, dilation],
                        groups,
                        type,
                        relu
                    )
                )
        );
    }

    [Theory]
    [InlineData(1, 40, 30)]
    [InlineData(7, 129, 65)]
    [InlineData(33, 9216, 16)]
    [InlineData(2, 1, 5)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 777, 600)]
    [InlineData(5, 193, 300)]
    [InlineData(100, 385, 131)]
    [InlineData(8, 4096, 1000)]
    public void A_matrix_product_of_bytes_is_exact(int rows, int inputs, int outputs)
    {
        using Tensor x = Draw.Bytes(rows, rows, inputs);
        sbyte[] weights = Draw.Weights(outputs, outputs * inputs);
        (float[] multiplier, float[] offset) = Scaling(outputs, inputs);
        var sums = new long[rows * outputs];
        ReadOnlySpan<byte> bytes = x.Elements<byte>();
        for (int i = 0; i < sums.Length; i++)
        {
            for (int k = 0; k < inputs; k++)
            {
                sums[i] += bytes[(i / outputs * inputs) + k] * weights[(i % outputs * inputs) + k];
            }
        }
        AssertOwn(sums, multiplier, offset, x, (kernels, to) => kernels.Linear(weights, to));
        if (!Aten.HasIntegerOps)
        {
            return;
        }
        using Tensor kernel = Kernel(weights, [outputs, inputs]);
        using IntegerWeights w = Weights(Aten.PackLinear(kernel, [8, inputs]), multiplier, offset);
        AssertAll(sums, multiplier, offset, (type, relu) => Aten.IntegerLinear(x, w, type, relu));
    }

    // The kernel of 96 channels is just within what Winograd's algorithm can sum, that of 128 is not.
    [Theory]
    [InlineData(96, 127)]
    [InlineData(96, -127)]
    [InlineData(128, 127)]
    [InlineData(160, -127)]
    public void The_largest_sums_are_exact(int channels, int weight)
    {
        const int Size = 8;
        const int Window = 3;
        var weights = new sbyte[Window * Window * channels];
        Array.Fill(weights, (sbyte)weight);
        using Tensor x = Tensor.Empty([1, Size, Size, channels], DType.UInt8);
        x.WriteElements<byte>().Fill(255);
        var sums = new long[Size * Size];
        for (int i = 0; i < sums.Length; i++)
        {
            int down = i / Size is 0 or Size - 1 ? 2 : 3;
            int across = i % Size is 0 or Size - 1 ? 2 : 3;
            sums[i] = 255L * weight * channels * down * across;
        }
        var shape = new ByteConvolutionShape(
            new ConvolutionOp(1, new Pads2(1, 1, 1, 1), 1, 1),
            Window,
            Size,
            channels,
            1
        );
        float[] multiplier = [MathF.ScaleB(1, -16)];
        AssertOwn(sums, multiplier, [0], x, (kernels, to) => kernels.Convolution(shape, weights, to));
    }

    // Sums then fill the range of bytes, and beyond it.
    private static (float[] Multiplier, float[] Offset) Scaling(int outputs, int taps)
    {
        float step = MathF.ScaleB(1, -(int)Math.Log2(Math.Sqrt(taps) * 64));
        float[] multiplier = [.. Enumerable.Range(0, outputs).Select(o => step * (1 << (o % 3)) / 2)];
        return (multiplier, [.. Enumerable.Range(0, outputs).Select(o => (float)((o * 37) % 200))]);
    }

    private static Tensor Kernel(sbyte[] weights, long[] sizes)
    {
        Tensor kernel = Tensor.Empty(sizes, DType.Int8);
        weights.CopyTo(kernel.WriteElements<sbyte>());
        return kernel;
    }

    private static IntegerWeights Weights(PackedTensor packed, float[] multiplier, float[] offset) =>
        new(packed, Tensor.FromSpan(multiplier, [multiplier.Length]), Tensor.FromSpan(offset, [offset.Length]));

    private static void AssertOwn(
        long[] sums,
        float[] multiplier,
        float[] offset,
        Tensor x,
        Func<ByteKernels, ByteOutputs, IByteProduct> prepare
    )
    {
        foreach (int bits in (int[])[128, 256, 512])
        {
            AssertAll(
                sums,
                multiplier,
                offset,
                (type, relu) =>
                {
                    var outputs = new ByteOutputs(multiplier, offset, type, relu);
                    using IByteProduct product = prepare(ByteKernels.Of(bits), outputs);
                    return product.Run(x);
                }
            );
        }
    }

    private static void AssertAll(long[] sums, float[] multiplier, float[] offset, Func<DType, bool, Tensor> run)
    {
        foreach (bool relu in (bool[])[false, true])
        {
            using Tensor y = run(DType.UInt8, relu);
            using Tensor z = run(DType.Float32, relu);
            byte[] bytes = y.Elements<byte>().ToArray();
            float[] floats = z.AsSpan().ToArray();
            Assert.Equal(sums.Length, bytes.Length);
            for (int i = 0; i < sums.Length; i++)
            {
                int o = i % multiplier.Length;
                double exact = (sums[i] * (double)multiplier[o]) + offset[o];
                exact = relu ? Math.Max(exact, 0) : exact;
                Assert.True(bytes[i] == Draw.Round(exact), $"output {i}: {bytes[i]} for {exact}, ReLU {relu}");
                Assert.True(floats[i] == (float)exact, $"output {i}: {floats[i]} for {exact}, ReLU {relu}");
            }
        }
    }
}
