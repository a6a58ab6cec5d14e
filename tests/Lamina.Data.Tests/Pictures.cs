namespace Lamina.Data.Tests;

/// <summary>A source without files, of pictures that are all of one size and given by a function.</summary>
internal sealed class Pictures(int count, int height, int width, int channels, Func<int, int, int, int, byte> value)
    : LabeledImages
{
    public override IReadOnlyList<string> ClassNames { get; } = ["even", "odd"];

    public override IReadOnlyList<int> Labels { get; } = [.. Enumerable.Range(0, count).Select(i => i % 2)];

    public override string NameOf(int index) => $"picture {index}";

    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        target.Resize(height, width, channels);
        for (int i = 0; i < target.Pixels.Length; i++)
        {
            target.Pixels[i] = value(index, i / channels / width, i / channels % width, i % channels);
        }
    }

    /// <summary>Grey pictures whose pixels tell their place: 16 × row + column.</summary>
    public static Pictures Places(int count, int height, int width) =>
        new(count, height, width, 1, (_, y, x, _) => (byte)((16 * y) + x));

    /// <summary>Colour pictures of noise.</summary>
    public static Pictures Noise(int count, int height, int width) =>
        new(
            count,
            height,
            width,
            3,
            (i, y, x, c) => (byte)new RandomStream(i, RandomPurpose.User, (y * 1000) + x, c).NextUInt32()
        );
}
