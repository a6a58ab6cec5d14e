using Lamina.Drawing;

namespace Lamina;

public static partial class RunPictures
{
    /// <summary>Draws a chart of lines or bars whose values are from 0 to 1.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="chart">The chart.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Chart(string path, ChartPicture chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        new ChartDrawing(chart).Save(path);
    }

    /// <summary>Draws panels of points, colored by class.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="picture">The points.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Scatter(string path, ScatterPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        new ScatterDrawing(picture).Save(path);
    }

    /// <summary>Draws the trials of a search for hyperparameters.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="picture">The trials.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Tuning(string path, TuningPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        new TuningDrawing(picture).Save(path);
    }
}
