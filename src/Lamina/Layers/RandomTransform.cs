using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The range of a random factor. A number converts: 0.2 is the range from −0.2 to 0.2.</summary>
/// <param name="Low">The least factor.</param>
/// <param name="High">The greatest factor.</param>
public readonly record struct FactorRange(double Low, double High)
{
    /// <summary>Converts a number to the range from its negative to itself.</summary>
    public static implicit operator FactorRange(double factor) => new(-Math.Abs(factor), Math.Abs(factor));

    /// <summary>Converts a range.</summary>
    public static implicit operator FactorRange((double Low, double High) range) => new(range.Low, range.High);

    /// <summary>Returns the range if it lies within two bounds; a symmetric range may exceed the lower one.</summary>
    internal static FactorRange Require(FactorRange range, double low, double high, string layer, string name) =>
        range.Low <= range.High && range.High <= high && (range.Low >= low || (range.Low == -range.High && low == 0))
            ? range
            : throw new ArgumentOutOfRangeException(
                name,
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{layer}: {name} is ({range.Low}, {range.High}); it must be ascending and within {low} and {high}."
                )
            );

    /// <summary>Returns the range in the form of a config: one number if it is symmetric.</summary>
    internal JsonNode ToJson() => Low == -High ? High : new JsonArray(Low, High);
}

/// <summary>Steps that the layers share which move the pixels of each image by a random transform.</summary>
internal static class RandomTransform
{
    /// <summary>Returns the rows and columns of all pixels of images, (1, H, W, 2).</summary>
    public static Symbol Grid(Shape images)
    {
        (int height, int width) = (images[1]!.Value, images[2]!.Value);
        var points = new float[checked(height * width * 2)];
        for (int i = 0; i < height * width; i++)
        {
            (points[2 * i], points[(2 * i) + 1]) = (i / width, i % width);
        }
        return Constants.Of(points, 1, height, width, 2);
    }

    /// <summary>Returns the row and column of the center of images, (2).</summary>
    public static Symbol Center(Shape images) =>
        Constants.Of([(images[1]!.Value - 1) / 2f, (images[2]!.Value - 1) / 2f], 2);

    /// <summary>Draws one factor for each image, (N, 1, 1, 1).</summary>
    public static Symbol Draw(Symbol images, FactorRange factor, int? seed) =>
        Ops.RandomUniform(images, Shape.Of(1, 1, 1), factor.Low, factor.High, seed);

    /// <summary>Reads images at points in training, and returns them unchanged in inference.</summary>
    public static Symbol Apply(Symbol x, Symbol points, string fill, string interpolation, double fillValue)
    {
        FillMode mode = Enum.Parse<FillMode>(fill, ignoreCase: true);
        return Ops.InTraining(Ops.Sample(x, points, mode, fillValue, interpolation == "nearest"), x);
    }

    public static string RequireFill(string fill) =>
        fill is "reflect" or "constant" or "nearest" or "wrap"
            ? fill
            : throw new ArgumentException(
                $"'{fill}' is not a fill mode. Use \"reflect\", \"constant\", \"nearest\" or \"wrap\".",
                nameof(fill)
            );

    public static string RequireInterpolation(string interpolation) =>
        interpolation is "bilinear" or "nearest"
            ? interpolation
            : throw new ArgumentException(
                $"'{interpolation}' is not an interpolation here. Use \"bilinear\" or \"nearest\".",
                nameof(interpolation)
            );

    public static (double Low, double High) RequireRange((double Low, double High) range, string layer) =>
        range.Low < range.High && double.IsFinite(range.Low) && double.IsFinite(range.High)
            ? range
            : throw new ArgumentOutOfRangeException(
                nameof(range),
                $"{layer}: valueRange must be two ascending numbers."
            );
}
