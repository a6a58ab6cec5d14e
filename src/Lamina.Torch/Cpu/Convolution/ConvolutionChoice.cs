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
    private const int Threads = 2;

    private readonly ConvolutionCosts _costs;
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
    /// <param name="costs">The processor's rates; those of this process if null.</param>
    /// <exception cref="LaminaException"><see cref="ConvolutionCosts.Variable"/> is malformed.</exception>
    public ConvolutionChoice(ConvolutionOp op, Shape input, Shape kernel, Shape output, ConvolutionCosts? costs = null)
    {
        _costs = costs ?? ConvolutionCosts.OfProcess;
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
            : _winograd is not null && Estimate(_winograd, batch) < Estimate(_direct, batch) ? _winograd
            : _direct;
    }

    /// <summary>Returns the estimated time in seconds of the direct or Winograd's algorithm.</summary>
    /// <param name="algorithm">One of <see cref="All"/>.</param>
    /// <param name="batch">The number of images.</param>
    /// <param name="threads">The number of threads.</param>
    public double Estimate(ConvolutionAlgorithm algorithm, long batch, int threads = Threads)
    {
        (double products, double transforms) = Work(algorithm, batch);
        return _costs.Seconds(products, transforms, algorithm.PackedBytes, TVector.Count * threads);
    }

    /// <summary>Returns the multiply-adds of an algorithm, and the tiles and channels that it transforms.</summary>
    public (double Products, double Transforms) Work(ConvolutionAlgorithm algorithm, long batch)
    {
        if (algorithm != _winograd)
        {
            return ((double)Tiles(batch * Height * Width, 6) * 6 * Taps * Channels * Filters * _groups, 0);
        }
        int side = TileScheme.Size + 1 - _kernel[0]!.Value;
        double tiles = Tiles(batch * Tiles(Height, side) * Tiles(Width, side), 4) * 4;
        return (tiles * TileScheme.Points * Channels * Filters * _groups, tiles * (Channels + Filters) * _groups);
    }

    private int Height => _output[1]!.Value;

    private int Width => _output[2]!.Value;

    private int Taps => _kernel[0]!.Value * _kernel[1]!.Value;

    private int Channels => _kernel[2]!.Value;

    private int Filters => _kernel[3]!.Value / _groups;

    private static long Tiles(long length, int side) => (length + side - 1) / side;
}
