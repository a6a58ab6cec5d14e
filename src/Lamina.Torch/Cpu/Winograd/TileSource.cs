using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>Reads tiles of images and of gradients, transformed to points.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="scheme">The tiles.</param>
/// <param name="grid">The position of the tiles.</param>
/// <param name="images">The images that tiles read, (N, H, W, C).</param>
/// <param name="gradients">The gradient of the outputs of tiles, or <see langword="null"/>.</param>
internal sealed unsafe class TileSource<TVector>(TileScheme scheme, TileGrid grid, Tensor images, Tensor? gradients)
    where TVector : unmanaged, IFloats<TVector>
{
    // Stands for the pixels outside of images.
    private readonly float[] _zeros = GC.AllocateArray<float>(
        (int)Math.Max(images.Sizes[3], gradients?.Sizes[3] ?? 0),
        pinned: true
    );

    /// <summary>Computes Bᵀ·d·B of a tile's pixels.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="channels">The number of channels, a multiple of a vector.</param>
    /// <param name="points">Receives the channels of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    /// <param name="panel">The number of channels that are neighbors in the result, a multiple of a vector.</param>
    /// <param name="panelStep">The distance between such panels of channels in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public void Inputs(int tile, int channel, int channels, float* points, nint step, int panel, nint panelStep)
    {
        int* pixels = stackalloc int[TileScheme.Points];
        float** addresses = stackalloc float*[TileScheme.Points];
        grid.InputPixels(tile, new Span<int>(pixels, TileScheme.Points));
        Find(images, pixels, addresses, TileScheme.Points);
        for (int first = 0; first < channels; first += panel, points += panelStep)
        {
            int count = Math.Min(panel, channels - first);
            for (int c = 0; c < count; c += TVector.Count)
            {
                TileTransforms<TVector>.Input(addresses, channel + first + c, points + c, step);
            }
        }
    }

    /// <summary>Computes A·y·Aᵀ of the gradients of a tile's outputs.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="channels">The number of channels, a multiple of a vector.</param>
    /// <param name="points">Receives the channels of the first point.</param>
    /// <param name="step">The distance between points in elements.</param>
    /// <param name="panel">The number of channels that are neighbors in the result, a multiple of a vector.</param>
    /// <param name="panelStep">The distance between such panels of channels in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public void Gradients(int tile, int channel, int channels, float* points, nint step, int panel, nint panelStep)
    {
        int count = scheme.Outputs * scheme.Outputs;
        int* pixels = stackalloc int[16];
        float** addresses = stackalloc float*[16];
        grid.OutputPixels(tile, new Span<int>(pixels, count));
        Find(gradients!, pixels, addresses, count);
        for (int first = 0; first < channels; first += panel, points += panelStep)
        {
            int width = Math.Min(panel, channels - first);
            for (int c = 0; c < width; c += TVector.Count)
            {
                TileTransforms<TVector>.OutputGradient(
                    scheme.Outputs,
                    addresses,
                    channel + first + c,
                    points + c,
                    step
                );
            }
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
