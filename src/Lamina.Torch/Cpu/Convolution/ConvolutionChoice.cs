namespace Lamina.Torch.Cpu;

/// <summary>
/// Chooses the algorithm of a convolution in inference by its estimated time: arithmetic at the rate of the loops, shared by
/// two threads, or the packed kernel at the rate of the memory, whichever takes longer. The real number of threads does not
/// count, so that results do not depend on it.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class ConvolutionChoice<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    // Multiply-adds per second of one thread in the tiles' loops (Zen 3 at 256 bits), and bytes per second of the memory.
    private const double MultiplyAdds = 45e9 / 8;
    private const int Threads = 2;
    private const double MemoryBytes = 22e9;

    // Winograd's transforms of one tile and channel take as long as so many multiply-adds.
    private const int TransformCost = 140;

    private readonly ConvolutionAlgorithm? _depthwise;
    private readonly ConvolutionAlgorithm? _winograd;
    private readonly ConvolutionAlgorithm? _patches;
    private readonly ConvolutionAlgorithm? _direct;
    private readonly Shape _kernel;
    private readonly Shape _output;
    private readonly int _groups;

    /// <param name="op">The convolution.</param>
    /// <param name="input">Its input, (N, H, W, C).</param>
    /// <param name="kernel">Its kernel, (kh, kw, C / groups, filters).</param>
    /// <param name="output">Its output, (N, H′, W′, filters).</param>
    public ConvolutionChoice(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        (_kernel, _output, _groups) = (kernel, output, op.Groups);
        if (!ConvolutionAlgorithm.IsUsed<TVector>())
        {
            return;
        }
        _depthwise = DepthwiseConvolution<TVector>.For(op, input, kernel, output);
        _winograd = WinogradConvolution<TVector>.For(op, input, kernel, output);
        _direct = TileConvolution<TVector>.For(op, input, kernel, output);
        _patches = PatchConvolution<TVector>.For(op, input, kernel, output);
    }

    /// <summary>All algorithms that can compute the convolution.</summary>
    public IEnumerable<ConvolutionAlgorithm> All =>
        new[] { _depthwise, _winograd, _direct, _patches }.OfType<ConvolutionAlgorithm>();

    /// <summary>Returns the algorithm for this number of images; <see langword="null"/> for libtorch.</summary>
    /// <param name="batch">The number of images.</param>
    public ConvolutionAlgorithm? For(long batch)
    {
        if (_depthwise is not null)
        {
            return _depthwise;
        }
        // With 512 bits, oneDNN's direct convolution is as fast, and the thresholds are measured.
        if (TVector.Count == 16)
        {
            ConvolutionAlgorithm? own = _winograd ?? _patches;
            return own is not null && own.Pays(batch, training: false) ? own : null;
        }
        return _direct is null ? (_winograd is not null && _winograd.Pays(batch, training: false) ? _winograd : null)
            : _winograd is not null && WinogradTime(batch) < DirectTime(batch) ? _winograd
            : _direct;
    }

    private double DirectTime(long batch) =>
        Time((double)Tiles(batch * Height * Width, 6) * 6 * Taps * Channels * Filters * _groups, _direct!.PackedBytes);

    private double WinogradTime(long batch)
    {
        int side = TileScheme.Size + 1 - _kernel[0]!.Value;
        double tiles = Tiles(batch * Tiles(Height, side) * Tiles(Width, side), 4) * 4;
        double products = tiles * TileScheme.Points * Channels * Filters;
        return Time((products + (tiles * TransformCost * (Channels + Filters))) * _groups, _winograd!.PackedBytes);
    }

    // What is read hides behind arithmetic only in part.
    private static double Time(double multiplyAdds, long bytes)
    {
        double arithmetic = multiplyAdds / (MultiplyAdds * TVector.Count * Threads);
        double memory = bytes / MemoryBytes;
        return Math.Max(arithmetic, memory) + (0.25 * Math.Min(arithmetic, memory));
    }

    private int Height => _output[1]!.Value;

    private int Width => _output[2]!.Value;

    private int Taps => _kernel[0]!.Value * _kernel[1]!.Value;

    private int Channels => _kernel[2]!.Value;

    private int Filters => _kernel[3]!.Value / _groups;

    private static long Tiles(long length, int side) => (length + side - 1) / side;
}
