namespace Lamina.Data.Tests;

/// <summary>A source without files: image i is one pixel, (i % 256, i / 256, 7); some indices cannot be read.</summary>
internal sealed class Numbers(int[] labels, Func<int, Exception?>? fault = null) : LabeledImages
{
    private int _decoded;

    public override IReadOnlyList<string> ClassNames { get; } = [.. Enumerable.Range(0, 6).Select(i => $"c{i}")];

    public override IReadOnlyList<int> Labels => labels;

    /// <summary>How many images were decoded.</summary>
    public int Decoded => _decoded;

    public override string NameOf(int index) => $"{index}";

    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        Interlocked.Increment(ref _decoded);
        if (fault?.Invoke(index) is { } error)
        {
            throw error;
        }
        target.Resize(1, 1, 3);
        (target.Pixels[0], target.Pixels[1], target.Pixels[2]) = ((byte)index, (byte)(index / 256), 7);
    }

    /// <summary>The images of a batch, told by their pixels.</summary>
    public static int[] In(Batch batch) =>
        [
            .. Enumerable
                .Range(0, batch.Count)
                .Select(i => (int)batch.Inputs[0][i, 0, 0, 0] + (256 * (int)batch.Inputs[0][i, 0, 0, 1])),
        ];

    /// <summary>A pixel as it is.</summary>
    public static Preprocessing Pixel { get; } =
        new()
        {
            Height = 1,
            Width = 1,
            Scale = 1,
        };
}
