namespace Lamina.Torch.Cpu;

/// <summary>
/// Convolution with kernels of 3×3 or 5×5 by Winograd's algorithm. Tiles of 6×6 pixels become 36 points, at each of
/// which the convolution is a product of matrices (tiles, channels)·(channels, filters). Supports forward and both
/// gradients. Each result is summed in a fixed order, whatever the number of threads or images.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class WinogradConvolution<TVector> : ConvolutionAlgorithm
    where TVector : unmanaged, IFloats<TVector>
{
    private const int Points = TileScheme.Points;
    private const long ChunkFloats = 1_400_000;

    // From this number of output pixels on, the saved products outweigh the packed kernel: it has 4 times the elements
    // (1.4 times for 5×5), which are read at every pass and packed at every step of training. Narrower vectors multiply
    // more slowly and read as fast.
    private static readonly long s_fewestPixels = TVector.Count == 16 ? 96 : 48;
    private static readonly long s_fewestPixelsInTraining = TVector.Count == 16 ? 1000 : 150;

    private readonly TileScheme _scheme;
    private readonly Size2 _input;
    private readonly Size2 _output;
    private readonly Pads2 _pads;
    private readonly int _groups;
    private readonly int _channels;
    private readonly int _filters;
    private readonly KernelTransform<TVector> _kernels;
    private TileGrid? _forwardGrid;
    private TileGrid? _backwardGrid;
    private int _forwardBatch;
    private int _backwardBatch;

    private WinogradConvolution(TileScheme scheme, ConvolutionOp op, Shape input, Shape output)
    {
        _scheme = scheme;
        _input = (input[1]!.Value, input[2]!.Value);
        _output = (output[1]!.Value, output[2]!.Value);
        _pads = op.Pads;
        _groups = op.Groups;
        _channels = input[3]!.Value / op.Groups;
        _filters = output[3]!.Value / op.Groups;
        _kernels = new KernelTransform<TVector>(scheme, op.Groups, _channels, _filters);
    }

    private int InputWidth => WeightGradientPass<TVector>.InputWidth(_channels);

    private int OutputWidth => WeightGradientPass<TVector>.OutputWidth(_filters);

    /// <inheritdoc/>
    public override string Name => $"Winograd F({_scheme.Outputs}×{_scheme.Outputs}, {_scheme.Taps}×{_scheme.Taps})";

    /// <inheritdoc/>
    public override long PackedBytes => _kernels.PackedCount * sizeof(float);

    /// <inheritdoc/>
    public override bool GivesInputGradient => true;

    /// <inheritdoc cref="ConvolutionAlgorithm.For{TVector}"/>
    public static WinogradConvolution<TVector>? For(ConvolutionOp op, Shape input, Shape kernel, Shape output)
    {
        int taps = kernel[0]!.Value;
        bool fits =
            kernel[1] == taps
            && op.Strides == (1, 1)
            && op.Dilation == (1, 1)
            && Math.Max(Math.Max(op.Pads.Top, op.Pads.Bottom), Math.Max(op.Pads.Left, op.Pads.Right)) < taps
            && kernel[2]!.Value % TVector.Count == 0
            && (kernel[3]!.Value / op.Groups) % TVector.Count == 0
            && input[1] < 1 << 15
            && input[2] < 1 << 15;
        return fits && TileScheme.For(taps) is { } scheme
            ? new WinogradConvolution<TVector>(scheme, op, input, output)
            : null;
    }

    /// <inheritdoc/>
    public override long WeightGradientBytes(int batch) =>
        (long)Points
        * sizeof(float)
        * ((_filters * (long)_channels) + (Chunk(ForwardGrid(batch)) * (long)(InputWidth + OutputWidth)));

    /// <inheritdoc/>
    public override bool Pays(long batch, bool training) =>
        batch * _output.Height * _output.Width >= (training ? s_fewestPixelsInTraining : s_fewestPixels);

    /// <inheritdoc/>
    public override Tensor PackForward(Tensor weight) => _kernels.PackForward(weight);

    /// <inheritdoc/>
    public override Tensor PackBackward(Tensor weight) => _kernels.PackBackward(weight);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor packed, in OutputStage stage)
    {
        TileGrid grid = ForwardGrid((int)x.Sizes[0]);
        Tensor y = Tensor.Empty([x.Sizes[0], _output.Height, _output.Width, _groups * _filters]);
        var pass = new TilePass<TVector>(_scheme, grid, _groups, _channels, _filters, x, packed, stage, y);
        pass.Run();
        return y;
    }

    /// <inheritdoc/>
    public override Tensor InputGradient(Tensor gradient, Tensor packed)
    {
        int batch = (int)gradient.Sizes[0];
        if (_backwardGrid is null || _backwardBatch != batch)
        {
            int most = _scheme.Taps - 1;
            var pads = new Pads2(most - _pads.Top, most - _pads.Bottom, most - _pads.Left, most - _pads.Right);
            (_backwardGrid, _backwardBatch) = (new TileGrid(_scheme, batch, _output, _input, pads), batch);
        }
        Tensor dx = Tensor.Empty([batch, _input.Height, _input.Width, _groups * _channels]);
        var pass = new TilePass<TVector>(
            _scheme,
            _backwardGrid,
            _groups,
            _filters,
            _channels,
            gradient,
            packed,
            default,
            dx
        );
        pass.Run();
        return dx;
    }

    /// <inheritdoc/>
    public override Tensor WeightGradient(Tensor x, Tensor gradient)
    {
        TileGrid grid = ForwardGrid((int)x.Sizes[0]);
        int taps = _scheme.Taps;
        Tensor result = Tensor.Empty([_groups * _filters, taps, taps, _channels]);
        int chunk = Chunk(grid);
        using Tensor points = Tensor.Empty([Points, _filters, _channels]);
        using Tensor inputs = Tensor.Empty([Points, chunk, InputWidth]);
        using Tensor outputs = Tensor.Empty([Points, chunk, OutputWidth]);
        var source = new TileSource<TVector>(_scheme, grid, x, gradient);
        var pass = new WeightGradientPass<TVector>(source, _channels, _filters, inputs, outputs, points);
        for (int group = 0; group < _groups; group++)
        {
            for (int first = 0; first < grid.Count; first += chunk)
            {
                pass.Add(group, first, Math.Min(chunk, grid.Count - first));
            }
            long share = (long)_filters * taps * taps * _channels;
            _kernels.Gradient(points.ReadData, result.WriteData() + (group * share));
        }
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        return result;
    }

    private int Chunk(TileGrid grid) =>
        (int)Math.Min(Math.Clamp(ChunkFloats / (Points * (_channels + _filters)), 24, 384), grid.Count);

    private TileGrid ForwardGrid(int batch)
    {
        if (_forwardGrid is null || _forwardBatch != batch)
        {
            (_forwardGrid, _forwardBatch) = (new TileGrid(_scheme, batch, _input, _output, _pads), batch);
        }
        return _forwardGrid;
    }
}
