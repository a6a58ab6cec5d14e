using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>Reads tiles of images and of gradients, transformed to points.</summary>
/// <param name="scheme">The tiles.</param>
/// <param name="grid">The position of the tiles.</param>
/// <param name="images">The images that tiles read, (N, H, W, C).</param>
/// <param name="gradients">The gradient of the outputs of tiles, or <see langword="null"/>.</param>
internal sealed unsafe class TileSource(TileScheme scheme, TileGrid grid, Tensor images, Tensor? gradients)
{
    private const int Lanes = 16;

    // Stands for the pixels outside of images.
    private readonly float[] _zeros = GC.AllocateArray<float>(
        (int)Math.Max(images.Sizes[3], gradients?.Sizes[3] ?? 0),
        pinned: true
    );

    /// <summary>Computes Bᵀ·d·B of a tile's pixels.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="channels">The number of channels, a multiple of 16.</param>
    /// <param name="points">Receives the channels of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public void Inputs(int tile, int channel, int channels, float* points, nint step)
    {
        int* pixels = stackalloc int[TileScheme.Points];
        float** addresses = stackalloc float*[TileScheme.Points];
        grid.InputPixels(tile, new Span<int>(pixels, TileScheme.Points));
        Find(images, pixels, addresses, TileScheme.Points);
        for (int c = 0; c < channels; c += Lanes)
        {
            TileTransforms.Input(addresses, channel + c, points + c, step);
        }
    }

    /// <summary>Computes A·y·Aᵀ of the gradients of a tile's outputs.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="channels">The number of channels, a multiple of 16.</param>
    /// <param name="points">Receives the channels of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public void Gradients(int tile, int channel, int channels, float* points, nint step)
    {
        int count = scheme.Outputs * scheme.Outputs;
        int* pixels = stackalloc int[16];
        float** addresses = stackalloc float*[16];
        grid.OutputPixels(tile, new Span<int>(pixels, count));
        Find(gradients!, pixels, addresses, count);
        for (int c = 0; c < channels; c += Lanes)
        {
            TileTransforms.OutputGradient(scheme.Outputs, addresses, channel + c, points + c, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find(Tensor tensor, int* pixels, float** addresses, int count)
    {
        float* data = tensor.ReadData;
        long channels = tensor.Sizes[3];
        float* zeros = (float*)Unsafe.AsPointer(ref _zeros[0]);
        for (int i = 0; i < count; i++)
        {
            addresses[i] = pixels[i] < 0 ? zeros : data + (pixels[i] * channels);
        }
    }
}
