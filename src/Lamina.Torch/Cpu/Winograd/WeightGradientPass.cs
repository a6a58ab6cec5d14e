namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes the kernel's gradient at the 36 points, some tiles at a time: tiles of inputs and of gradients to points,
/// and at each point an accumulated product of matrices. A step has hundreds of such chunks, so a chunk allocates no
/// garbage.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class WeightGradientPass<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    private const int Points = TileScheme.Points;
    private const int Piece = 48;

    private readonly TileSource<TVector> _source;
    private readonly int _channels;
    private readonly int _filters;
    private readonly int _pieces;
    private readonly float* _inputs;
    private readonly float* _outputs;
    private readonly float* _points;
    private readonly Action<long, long> _transform;
    private readonly Action<long, long> _accumulate;
    private int _group;
    private int _first;
    private int _tiles;

    /// <param name="source">The source of the tiles.</param>
    /// <param name="channels">The number of input channels of a group.</param>
    /// <param name="filters">The number of output channels of a group.</param>
    /// <param name="inputs">Memory for a chunk's inputs, (36, panels of channels, tiles, panel).</param>
    /// <param name="outputs">Memory for a chunk's gradients, (36, pieces of filters, tiles, piece).</param>
    /// <param name="points">Receives the sums, (36, filters, channels).</param>
    public WeightGradientPass(
        TileSource<TVector> source,
        int channels,
        int filters,
        Tensor inputs,
        Tensor outputs,
        Tensor points
    )
    {
        (_source, _channels, _filters) = (source, channels, filters);
        _inputs = inputs.WriteData();
        _outputs = outputs.WriteData();
        _points = points.WriteData();
        _pieces = (filters + Piece - 1) / Piece;
        _transform = Transform;
        _accumulate = Accumulate;
    }

    /// <summary>Returns the number of elements of a tile's inputs at a point: the channels, in whole panels.</summary>
    public static int InputWidth(int channels) => RoundUp(channels, MatrixBlock<TVector>.PanelWidth);

    /// <summary>Returns the number of elements of a tile's gradients at a point: the filters, in whole pieces.</summary>
    public static int OutputWidth(int filters) => RoundUp(filters, Piece);

    /// <summary>Adds some tiles; the first of a group replace the previous sums.</summary>
    /// <param name="group">The group of channels.</param>
    /// <param name="first">The first tile.</param>
    /// <param name="tiles">The number of tiles.</param>
    public void Add(int group, int first, int tiles)
    {
        (_group, _first, _tiles) = (group, first, tiles);
        ElementLoop.Run(tiles, _transform, grain: 1);
        ElementLoop.Run(Points * _pieces, _accumulate, grain: 1);
    }

    private void Transform(long begin, long end)
    {
        int width = MatrixBlock<TVector>.PanelWidth;
        for (int tile = (int)begin; tile < end; tile++)
        {
            _source.Inputs(
                _first + tile,
                _group * _channels,
                _channels,
                _inputs + ((long)tile * width),
                _tiles * (nint)InputWidth(_channels),
                width,
                _tiles * (nint)width
            );
            _source.Gradients(
                _first + tile,
                _group * _filters,
                _filters,
                _outputs + ((long)tile * Piece),
                _tiles * (nint)OutputWidth(_filters),
                Piece,
                _tiles * (nint)Piece
            );
        }
    }

    // At each point: (filters, tiles)·(tiles, channels), in pieces of some filters that the threads share. Pieces and
    // panels lie in order: rows of all channels, of kilobytes, would compete for the same few cache sets.
    private void Accumulate(long begin, long end)
    {
        int panelWidth = MatrixBlock<TVector>.PanelWidth;
        for (int i = (int)begin; i < end; i++)
        {
            (int point, int piece) = Math.DivRem(i, _pieces);
            int filter = piece * Piece;
            int rows = Math.Min(Piece, _filters - filter);
            float* a = _outputs + ((((long)point * _pieces) + piece) * _tiles * Piece);
            float* b = _inputs + ((long)point * _tiles * InputWidth(_channels));
            float* c = _points + ((((long)point * _filters) + filter) * _channels);
            for (int channel = 0; channel < _channels; channel += panelWidth)
            {
                MatrixBlock<TVector>.Multiply(
                    rows,
                    Math.Min(panelWidth, _channels - channel),
                    _tiles,
                    a,
                    1,
                    Piece,
                    b + ((long)channel * _tiles),
                    panelWidth,
                    c + channel,
                    _channels,
                    add: _first > 0
                );
            }
        }
    }

    private static int RoundUp(int count, int multiple) => (count + multiple - 1) / multiple * multiple;
}
