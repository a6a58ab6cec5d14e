using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The pixels that the tiles of a batch read and write. Small images lie side by side on a canvas, a few in a row, with
/// one padding between neighbors: 13×13 outputs need 16 tiles of 4×4 alone, but 49 for four images together.
/// </summary>
internal sealed class TileGrid
{
    private const int MostImages = 4;

    private readonly int _images;
    private readonly int _down;
    private readonly int _across;
    private readonly int _tilesDown;
    private readonly int _tilesAcross;
    private readonly int _inputPixels;
    private readonly int _outputPixels;
    private readonly int[] _inputRows;
    private readonly int[] _inputColumns;
    private readonly int[] _outputRows;
    private readonly int[] _outputColumns;

    /// <summary>Lays out a batch.</summary>
    /// <param name="scheme">The tiles.</param>
    /// <param name="images">The batch size.</param>
    /// <param name="input">The input's height and width.</param>
    /// <param name="output">The output's height and width.</param>
    /// <param name="pads">The zeros around each image.</param>
    public TileGrid(TileScheme scheme, int images, Size2 input, Size2 output, Pads2 pads)
    {
        _images = images;
        int periodDown = Math.Max(input.Height + Math.Max(pads.Top, pads.Bottom), output.Height);
        int periodAcross = Math.Max(input.Width + Math.Max(pads.Left, pads.Right), output.Width);
        (_down, _across) = BestGroup(scheme, images, periodDown, periodAcross, output);
        _tilesDown = Tiles(scheme, _down, periodDown, output.Height);
        _tilesAcross = Tiles(scheme, _across, periodAcross, output.Width);
        (_inputPixels, _outputPixels) = (input.Height * input.Width, output.Height * output.Width);
        Outputs = scheme.Outputs;
        _inputRows = Axis(_tilesDown, Outputs, TileScheme.Size, pads.Top, periodDown, _down, input.Height);
        _inputColumns = Axis(_tilesAcross, Outputs, TileScheme.Size, pads.Left, periodAcross, _across, input.Width);
        _outputRows = Axis(_tilesDown, Outputs, Outputs, 0, periodDown, _down, output.Height);
        _outputColumns = Axis(_tilesAcross, Outputs, Outputs, 0, periodAcross, _across, output.Width);
        (InputWidth, OutputWidth) = (input.Width, output.Width);
        int group = _down * _across;
        Count = (images + group - 1) / group * _tilesDown * _tilesAcross;
    }

    /// <summary>The number of tiles.</summary>
    public int Count { get; }

    private int Outputs { get; }

    private int InputWidth { get; }

    private int OutputWidth { get; }

    /// <summary>
    /// Returns the indices, in the batch, of the 36 pixels that a tile reads, row by row; −1 for zeros.
    /// </summary>
    public void InputPixels(int tile, Span<int> pixels) =>
        Pixels(tile, pixels, TileScheme.Size, _inputRows, _inputColumns, InputWidth, _inputPixels);

    /// <summary>
    /// Returns the indices, in the batch, of the m² pixels that a tile writes, row by row; −1 for none.
    /// </summary>
    public void OutputPixels(int tile, Span<int> pixels) =>
        Pixels(tile, pixels, Outputs, _outputRows, _outputColumns, OutputWidth, _outputPixels);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixels(int tile, Span<int> pixels, int size, int[] rows, int[] columns, int width, int imagePixels)
    {
        (int canvas, int place) = Math.DivRem(tile, _tilesDown * _tilesAcross);
        (int down, int across) = Math.DivRem(place, _tilesAcross);
        int first = canvas * _down * _across;
        int next = 0;
        for (int y = 0; y < size; y++)
        {
            int row = rows[(down * size) + y];
            for (int x = 0; x < size; x++)
            {
                int column = columns[(across * size) + x];
                int pixel = -1;
                if (row >= 0 && column >= 0)
                {
                    int image = first + (row >> 16) * _across + (column >> 16);
                    if (image < _images)
                    {
                        pixel = (image * imagePixels) + ((row & 0xffff) * width) + (column & 0xffff);
                    }
                }
                pixels[next++] = pixel;
            }
        }
    }

    // For each position that the tiles along an axis touch: the image on the canvas (upper half) and the position in
    // it, or −1.
    private static int[] Axis(int tiles, int step, int size, int pad, int period, int images, int length)
    {
        var places = new int[tiles * size];
        for (int i = 0; i < places.Length; i++)
        {
            int at = (i / size * step) + (i % size) - pad;
            (int image, int place) = at < 0 ? (-1, 0) : Math.DivRem(at, period);
            places[i] = image >= 0 && image < images && place < length ? (image << 16) | place : -1;
        }
        return places;
    }

    private static (int Down, int Across) BestGroup(
        TileScheme scheme,
        int images,
        int periodDown,
        int periodAcross,
        Size2 output
    )
    {
        (int Down, int Across) best = (1, 1);
        double fewest = double.MaxValue;
        for (int down = 1; down <= MostImages; down++)
        {
            for (int across = 1; across <= MostImages; across++)
            {
                int canvases = (images + (down * across) - 1) / (down * across);
                double tiles =
                    (double)canvases
                    * Tiles(scheme, down, periodDown, output.Height)
                    * Tiles(scheme, across, periodAcross, output.Width);
                if (tiles < fewest)
                {
                    (fewest, best) = (tiles, (down, across));
                }
            }
        }
        return best;
    }

    private static int Tiles(TileScheme scheme, int images, int period, int output) =>
        (((images - 1) * period) + output + scheme.Outputs - 1) / scheme.Outputs;
}
