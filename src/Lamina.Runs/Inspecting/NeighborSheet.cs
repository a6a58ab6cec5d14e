using System.Globalization;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Runs.Inspecting;

/// <summary>Lays out images and their neighbors as a sheet.</summary>
internal static class NeighborSheet
{
    /// <summary>The most images of a sheet.</summary>
    public const int MostRows = 40;
    private const int TilePixels = 224;

    public static PictureSheet Of(NeighborReport report, PixelRange range, bool isDark) =>
        new()
        {
            Title = "Nearest training images",
            Subtitle = string.Create(
                CultureInfo.InvariantCulture,
                $"by the {report.Features:N0} outputs of {report.Layer}, of {report.Searched:N0} images; blue: of the predicted class, orange: of another"
            ),
            Rows =
            [
                .. report
                    .Images.Take(MostRows)
                    .Select((image, i) => Row(report, image, range.ToTile(report.Prepared[i]))),
            ],
            TileSize = 120,
            Columns = Math.Min(report.Images[0].Neighbors.Count + 1, 11),
            IsDark = isDark,
        };

    private static SheetRow Row(NeighborReport report, ImageNeighbors image, SheetTile input) =>
        new([
            input with
            {
                Title = image.Prediction.Class,
                Caption = $"predicted, {Words.Percent(image.Prediction.Probability)}",
            },
            .. image.Neighbors.SelectMany(n => Tile(report.Source, n, image.Prediction.Class)),
        ])
        {
            Title = OneLine.Of(Path.GetFileName(image.Image)),
        };

    private static IEnumerable<SheetTile> Tile(LabeledImages source, NeighborImage neighbor, string predicted)
    {
        if (Thumbnail.TryDecode(source, neighbor.Index, TilePixels) is not { } pixels)
        {
            yield break;
        }
        (byte[] bytes, int height, int width) = Thumbnail.Shrunk(pixels, TilePixels);
        yield return new SheetTile(bytes, height, width, pixels.Channels)
        {
            Title = neighbor.Class,
            Caption = string.Create(CultureInfo.InvariantCulture, $"distance {neighbor.Distance:0.000}"),
            IsRight = neighbor.Class == predicted,
        };
    }
}
