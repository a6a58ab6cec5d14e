using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>The sizes of images and of the parts that are cut out of them.</summary>
internal struct CropShape
{
    public int Height;
    public int Width;
    public int Channels;
    public int OutHeight;
    public int OutWidth;

    /// <summary>The zeros above and to the left of the part, for <see cref="ImageKernels.CropToDepth"/>.</summary>
    public int Top;
    public int Left;
}

/// <summary>Images of bytes to normalized bfloat16: crop, mirror, scale and shift in the pass that reads the bytes.</summary>
internal static class ImageKernels
{
    /// <summary>The pixels along an edge that <see cref="CropToDepth"/> puts into one.</summary>
    public const int Block = 4;

    /// <summary>Computes one value of the parts (N, outHeight, outWidth, channels).</summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="images">The images, (N, height, width, channels).</param>
    /// <param name="crops">For each image the top, the left, and 1 to mirror, (N, 3).</param>
    /// <param name="affine">The scales and the shifts, (2, channels).</param>
    /// <param name="parts">Receives the values.</param>
    /// <param name="shape">The sizes.</param>
    public static void Crop(
        Index1D i,
        ArrayView<byte> images,
        ArrayView<int> crops,
        ArrayView<float> affine,
        ArrayView<ushort> parts,
        CropShape shape
    )
    {
        int channel = i % shape.Channels;
        int pixel = i / shape.Channels;
        int x = pixel % shape.OutWidth;
        int y = pixel / shape.OutWidth % shape.OutHeight;
        int image = pixel / (shape.OutWidth * shape.OutHeight);
        parts[i] = BFloat.Round(Value(images, crops, affine, shape, image, y, x, channel));
    }

    /// <summary>
    /// Computes one value of the parts with each 4 × 4 pixels as the channels of one: (N, ⌈rows / 4⌉, ⌈columns / 4⌉, 16 · channels)
    /// with the order (row, column, channel) of a block. A convolution of stride 4 becomes one of stride 1
    /// (<see cref="DepthKernels"/>).
    /// </summary>
    /// <param name="i">The index of the value.</param>
    /// <param name="images">The images, (N, height, width, channels).</param>
    /// <param name="crops">For each image the top, the left, and 1 to mirror, (N, 3).</param>
    /// <param name="affine">The scales and the shifts, (2, channels).</param>
    /// <param name="blocks">Receives the values; 0 outside of the part.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="rows">The number of rows of blocks.</param>
    /// <param name="columns">The number of columns of blocks.</param>
    public static void CropToDepth(
        Index1D i,
        ArrayView<byte> images,
        ArrayView<int> crops,
        ArrayView<float> affine,
        ArrayView<ushort> blocks,
        CropShape shape,
        int rows,
        int columns
    )
    {
        int depth = Block * Block * shape.Channels;
        int within = i % depth;
        int block = i / depth;
        int channel = within % shape.Channels;
        int x = (block % columns * Block) + (within / shape.Channels % Block) - shape.Left;
        int y = (block / columns % rows * Block) + (within / (shape.Channels * Block)) - shape.Top;
        int image = block / (columns * rows);
        bool isInside = x >= 0 && y >= 0 && x < shape.OutWidth && y < shape.OutHeight;
        blocks[i] = isInside ? BFloat.Round(Value(images, crops, affine, shape, image, y, x, channel)) : (ushort)0;
    }

    private static float Value(
        ArrayView<byte> images,
        ArrayView<int> crops,
        ArrayView<float> affine,
        CropShape shape,
        int image,
        int y,
        int x,
        int channel
    )
    {
        int column = crops[(3 * image) + 2] != 0 ? shape.OutWidth - 1 - x : x;
        long row = ((long)image * shape.Height) + crops[3 * image] + y;
        long at = (((row * shape.Width) + crops[(3 * image) + 1] + column) * shape.Channels) + channel;
        return (images[at] * affine[channel]) + affine[shape.Channels + channel];
    }
}
