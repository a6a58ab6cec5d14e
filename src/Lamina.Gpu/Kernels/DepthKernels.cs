using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>
/// The kernel of a convolution with stride 4 as that of an equal convolution with stride 1 over blocks of 4 × 4 pixels: 11 × 11 × 3
/// becomes 3 × 3 × 48 with a row and a column of zeros.
/// </summary>
internal static class DepthKernels
{
    /// <summary>Computes one value of the kernel over blocks, (filters, blocks, blocks, 16 · channels).</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="kernel">The kernel, (filters, size, size, channels).</param>
    /// <param name="result">Receives the kernel over blocks.</param>
    /// <param name="size">The height and width of the kernel.</param>
    /// <param name="channels">The number of channels.</param>
    public static void ToBlocks(Index1D i, ArrayView<ushort> kernel, ArrayView<ushort> result, int size, int channels)
    {
        int blocks = (size + ImageKernels.Block - 1) / ImageKernels.Block;
        int depth = ImageKernels.Block * ImageKernels.Block * channels;
        int within = i % depth;
        int block = i / depth;
        int x = (block % blocks * ImageKernels.Block) + (within / channels % ImageKernels.Block);
        int y = (block / blocks % blocks * ImageKernels.Block) + (within / (channels * ImageKernels.Block));
        int filter = block / (blocks * blocks);
        long at = (((((long)filter * size) + y) * size) + x) * channels;
        result[i] = x < size && y < size ? kernel[at + (within % channels)] : (ushort)0;
    }

    /// <summary>Computes one value of the kernel's gradient from that of the kernel over blocks.</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="gradient">The gradient over blocks, (filters, blocks, blocks, 16 · channels).</param>
    /// <param name="result">Receives the gradient, (filters, size, size, channels).</param>
    /// <param name="size">The height and width of the kernel.</param>
    /// <param name="channels">The number of channels.</param>
    public static void FromBlocks(
        Index1D i,
        ArrayView<ushort> gradient,
        ArrayView<ushort> result,
        int size,
        int channels
    )
    {
        int blocks = (size + ImageKernels.Block - 1) / ImageKernels.Block;
        int channel = i % channels;
        int x = i / channels % size;
        int y = i / (channels * size) % size;
        int filter = i / (channels * size * size);
        long block = (((long)filter * blocks) + (y / ImageKernels.Block)) * blocks + (x / ImageKernels.Block);
        int within = (((y % ImageKernels.Block * ImageKernels.Block) + (x % ImageKernels.Block)) * channels) + channel;
        result[i] = gradient[(block * ImageKernels.Block * ImageKernels.Block * channels) + within];
    }
}
