using Lamina.Drawing;

namespace Lamina;

public static partial class RunPictures
{
    /// <summary>Draws a sheet of captioned images in rows.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="sheet">The sheet.</param>
    /// <exception cref="ArgumentException">A row has no images, or an image's bytes do not fit its size.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Sheet(string path, PictureSheet sheet)
    {
        ArgumentNullException.ThrowIfNull(sheet);
        new SheetDrawing(sheet).Save(path);
    }
}
