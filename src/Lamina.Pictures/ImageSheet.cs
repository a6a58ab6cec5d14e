using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

public static partial class RunPictures
{
    private const float SheetImage = 96;
    private const float SheetLabel = 18;
    private const float SheetGap = 10;
    private const float SheetLabelSize = 10.5f;

    /// <summary>Draws images in a grid with their classes below, such as those of a training batch.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="tiles">The images, at least one; predictions are not drawn.</param>
    /// <exception cref="ArgumentException">There are no tiles, or a tile's bytes do not fit its size.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void ImageSheet(string path, IReadOnlyList<PredictionTile> tiles) =>
        TileGrid.Draw(
            path,
            tiles,
            new SKSize(SheetImage, SheetImage + SheetLabel),
            SheetGap,
            maxColumns: 8,
            static (sketch, tile, at) =>
            {
                TileGrid.DrawImage(sketch, tile, SKRect.Create(at.X, at.Y, SheetImage, SheetImage));
                sketch.Text(
                    Sketch.Fit(tile.Label ?? "", SheetLabelSize, SheetImage),
                    at.X + SheetImage / 2,
                    at.Y + SheetImage + SheetLabel / 2,
                    SheetLabelSize,
                    PictureColors.Ink,
                    TextAlign.Center
                );
            }
        );
}
