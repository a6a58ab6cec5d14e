using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>A curve over epochs.</summary>
/// <param name="Name">The name in the legend; empty for no entry.</param>
/// <param name="Color">The color.</param>
/// <param name="Marker">The shape of the points, which distinguishes curves without colors.</param>
/// <param name="Epochs">The epochs, from 1.</param>
/// <param name="Values">One value per epoch; <see langword="null"/> where nothing was measured.</param>
internal sealed record CurveSeries(
    string Name,
    SKColor Color,
    MarkerShape Marker,
    IReadOnlyList<int> Epochs,
    IReadOnlyList<double?> Values
)
{
    /// <summary><see langword="true"/> if values far above the others may lie outside the axis.</summary>
    public bool MayLeaveAxis { get; init; }

    /// <summary>The finite values.</summary>
    public IEnumerable<double> Finite => Values.OfType<double>().Where(double.IsFinite);

    public static CurveSeries Training(IReadOnlyList<CurvePoint> history, Func<CurvePoint, double?> value) =>
        Of("training", PictureColors.Blue, MarkerShape.FilledCircle, history, value);

    public static CurveSeries Validation(IReadOnlyList<CurvePoint> history, Func<CurvePoint, double?> value) =>
        Of("validation", PictureColors.Orange, MarkerShape.FilledSquare, history, value);

    public static CurveSeries Rate(IReadOnlyList<CurvePoint> history) =>
        Of("", PictureColors.Muted, MarkerShape.FilledCircle, history, p => p.LearningRate);

    private static CurveSeries Of(
        string name,
        SKColor color,
        MarkerShape marker,
        IReadOnlyList<CurvePoint> history,
        Func<CurvePoint, double?> value
    ) => new(name, color, marker, [.. history.Select(p => p.Epoch)], [.. history.Select(value)]);
}
