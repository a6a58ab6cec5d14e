using ILGPU;
using ILGPU.Runtime;
using Lamina.Gpu.Kernels;

namespace Lamina.Gpu.Tests;

/// <summary>Images of bytes, and convolutions over blocks of pixels, on ILGPU's CPU accelerator.</summary>
public sealed class ImageKernelTests(Emulator emulator) : IClassFixture<Emulator>
{
    private const int Channels = 3;
    private static readonly float[] s_affine = [1 / 64f, 1 / 128f, 1 / 32f, -2, -1, 0.5f];

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private static double Expected(
        byte[] images,
        int height,
        int width,
        int[] crop,
        int outWidth,
        int image,
        int y,
        int x,
        int c
    )
    {
        int column = crop[2] == 1 ? outWidth - 1 - x : x;
        int at = (((((image * height) + crop[0] + y) * width) + crop[1] + column) * Channels) + c;
        return (images[at] * (double)s_affine[c]) + s_affine[Channels + c];
    }

    [Fact]
    public void Bytes_are_cropped_mirrored_and_normalized()
    {
        const int height = 9;
        const int width = 8;
        int[][] crops =
        [
            [0, 0, 0],
            [2, 1, 1],
            [4, 3, 0],
        ];
        var shape = new CropShape
        {
            Height = height,
            Width = width,
            Channels = Channels,
            OutHeight = 5,
            OutWidth = 5,
        };
        byte[] images = Bytes(3 * height * width * Channels);
        using MemoryBuffer1D<byte, Stride1D.Dense> source = emulator.Put(images);
        using MemoryBuffer1D<int, Stride1D.Dense> places = emulator.Put(crops.SelectMany(c => c).ToArray());
        using MemoryBuffer1D<float, Stride1D.Dense> affine = emulator.Put(s_affine);
        using MemoryBuffer1D<ushort, Stride1D.Dense> parts = emulator.Zeros<ushort>(3 * 5 * 5 * Channels);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<byte>,
            ArrayView<int>,
            ArrayView<float>,
            ArrayView<ushort>,
            CropShape
        >(ImageKernels.Crop)((int)parts.Length, source.View, places.View, affine.View, parts.View, shape);
        emulator.Accelerator.Synchronize();
        List<double> expected = [];
        for (int i = 0; i < parts.Length; i++)
        {
            (int c, int x, int y, int n) = (i % 3, i / 3 % 5, i / 15 % 5, i / 75);
            expected.Add(Expected(images, height, width, crops[n], 5, n, y, x, c));
        }
        Numbers.AssertRounded(expected, parts.Floats());
    }

    [Theory]
    [InlineData(11, 2, 27)]
    [InlineData(11, 0, 27)]
    [InlineData(8, 1, 18)]
    public void A_convolution_over_blocks_is_the_convolution_with_stride_4(int size, int padding, int input)
    {
        const int block = ImageKernels.Block;
        const int filters = 2;
        const int images = 2;
        int output = ((input + (2 * padding) - size) / block) + 1;
        int taps = (size + block - 1) / block;
        int rows = output + taps - 1;
        int depth = block * block * Channels;
        var shape = new CropShape
        {
            Height = input,
            Width = input,
            Channels = Channels,
            OutHeight = input,
            OutWidth = input,
            Top = padding,
            Left = padding,
        };
        byte[] bytes = Bytes(images * input * input * Channels);
        float[] kernel = Numbers.Draw(filters * size * size * Channels, seed: 4);
        using MemoryBuffer1D<byte, Stride1D.Dense> source = emulator.Put(bytes);
        using MemoryBuffer1D<int, Stride1D.Dense> places = emulator.Put(0, 0, 0, 0, 0, 1);
        using MemoryBuffer1D<float, Stride1D.Dense> affine = emulator.Put(s_affine);
        using MemoryBuffer1D<ushort, Stride1D.Dense> blocks = emulator.Zeros<ushort>(images * rows * rows * depth);
        using MemoryBuffer1D<ushort, Stride1D.Dense> weights = emulator.PutRounded(kernel);
        using MemoryBuffer1D<ushort, Stride1D.Dense> blockWeights = emulator.Zeros<ushort>(
            filters * taps * taps * depth
        );
        using MemoryBuffer1D<ushort, Stride1D.Dense> back = emulator.Zeros<ushort>(kernel.Length);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<
            Index1D,
            ArrayView<byte>,
            ArrayView<int>,
            ArrayView<float>,
            ArrayView<ushort>,
            CropShape,
            int,
            int
        >(ImageKernels.CropToDepth)(
            (int)blocks.Length,
            source.View,
            places.View,
            affine.View,
            blocks.View,
            shape,
            rows,
            rows
        );
        emulator.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ushort>, ArrayView<ushort>, int, int>(
            DepthKernels.ToBlocks
        )((int)blockWeights.Length, weights.View, blockWeights.View, size, Channels);
        emulator.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ushort>, ArrayView<ushort>, int, int>(
            DepthKernels.FromBlocks
        )(kernel.Length, blockWeights.View, back.View, size, Channels);
        emulator.Accelerator.Synchronize();
        // What is a rearrangement one way is its inverse the other way.
        Assert.Equal(kernel, back.Floats());

        float[] x = blocks.Floats();
        float[] w = blockWeights.Floats();
        for (int n = 0; n < images; n++)
        {
            for (int f = 0; f < filters; f++)
            {
                for (int at = 0; at < output * output; at++)
                {
                    (int row, int column) = (at / output, at % output);
                    double direct = 0;
                    for (int k = 0; k < size * size * Channels; k++)
                    {
                        (int c, int dx, int dy) = (k % Channels, k / Channels % size, k / (Channels * size));
                        (int py, int px) = ((row * block) - padding + dy, (column * block) - padding + dx);
                        if (py >= 0 && px >= 0 && py < input && px < input)
                        {
                            var value = (float)Expected(bytes, input, input, [0, 0, n], input, n, py, px, c);
                            direct += (double)Numbers.Rounded(value) * kernel[(f * size * size * Channels) + k];
                        }
                    }
                    double byBlocks = 0;
                    for (int k = 0; k < taps * taps * depth; k++)
                    {
                        (int d, int bx, int by) = (k % depth, k / depth % taps, k / (depth * taps));
                        byBlocks +=
                            (double)x[((((n * rows) + row + by) * rows + column + bx) * depth) + d]
                            * w[(f * taps * taps * depth) + k];
                    }
                    Assert.Equal(direct, byBlocks, 1e-9);
                }
            }
        }
    }
}
