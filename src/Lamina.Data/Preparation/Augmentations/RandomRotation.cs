using System.Buffers;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The pixels beyond the edges of a rotated image.</summary>
public enum RotationFill
{
    /// <summary>The mirror image, as in Keras's RandomRotation.</summary>
    Reflect,

    /// <summary>Black, as in torchvision's RandomRotation.</summary>
    Zero,
}

/// <summary>
/// Rotates the resized image about its center by an angle drawn uniformly from −Degrees to Degrees, with bilinear
/// interpolation.
/// </summary>
/// <param name="Degrees">The largest angle, from 0 to 180. Default: 10.</param>
/// <param name="Fill">The pixels beyond the edges. Default: the mirror image.</param>
public sealed record RandomRotation(double Degrees = 10, RotationFill Fill = RotationFill.Reflect) : Augmentation
{
    /// <inheritdoc/>
    public override bool ChangesPixels => Degrees > 0;

    /// <inheritdoc/>
    public override void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random)
    {
        double degrees = Degrees * ((2 * random.NextDouble()) - 1);
        float[] rented = ArrayPool<float>.Shared.Rent(pixels.Length);
        try
        {
            Span<float> source = rented.AsSpan(0, pixels.Length);
            pixels.CopyTo(source);
            Rotate(source, pixels, size, channels, degrees, Fill);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null)
    {
        Require(Degrees is >= 0 and <= 180, $"Degrees is {Degrees}; it must be from 0 to 180.");
        Require(Enum.IsDefined(Fill), $"Fill is {Fill}; it must be Reflect or Zero.");
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() =>
        new()
        {
            ["name"] = "random_rotation",
            ["degrees"] = Degrees,
            ["fill"] = Fill.ToString().ToLowerInvariant(),
        };

    /// <summary>Rotates an image counterclockwise.</summary>
    internal static void Rotate(
        ReadOnlySpan<float> source,
        Span<float> target,
        Size2 size,
        int channels,
        double degrees,
        RotationFill fill
    )
    {
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        double middleY = (size.Height - 1) / 2.0;
        double middleX = (size.Width - 1) / 2.0;
        for (int y = 0, at = 0; y < size.Height; y++)
        {
            for (int x = 0; x < size.Width; x++, at += channels)
            {
                double sourceX = (cos * (x - middleX)) - (sin * (y - middleY)) + middleX;
                double sourceY = (sin * (x - middleX)) + (cos * (y - middleY)) + middleY;
                Sample(source, target.Slice(at, channels), size, sourceY, sourceX, fill);
            }
        }
    }

    private static void Sample(
        ReadOnlySpan<float> source,
        Span<float> pixel,
        Size2 size,
        double y,
        double x,
        RotationFill fill
    )
    {
        int top = (int)Math.Floor(y);
        int left = (int)Math.Floor(x);
        var down = (float)(y - top);
        var right = (float)(x - left);
        pixel.Clear();
        Add(source, pixel, size, top, left, (1 - down) * (1 - right), fill);
        Add(source, pixel, size, top, left + 1, (1 - down) * right, fill);
        Add(source, pixel, size, top + 1, left, down * (1 - right), fill);
        Add(source, pixel, size, top + 1, left + 1, down * right, fill);
    }

    private static void Add(
        ReadOnlySpan<float> source,
        Span<float> pixel,
        Size2 size,
        int y,
        int x,
        float weight,
        RotationFill fill
    )
    {
        if (fill == RotationFill.Reflect)
        {
            (y, x) = (Reflected(y, size.Height), Reflected(x, size.Width));
        }
        else if ((uint)y >= (uint)size.Height || (uint)x >= (uint)size.Width)
        {
            return;
        }
        int at = ((y * size.Width) + x) * pixel.Length;
        for (int c = 0; c < pixel.Length; c++)
        {
            pixel[c] += weight * source[at + c];
        }
    }

    /// <summary>Reflects an index into the image, with edges repeated: d c b a | a b c d | d c b a.</summary>
    private static int Reflected(int index, int length)
    {
        int period = 2 * length;
        int folded = ((index % period) + period) % period;
        return folded < length ? folded : period - 1 - folded;
    }
}
