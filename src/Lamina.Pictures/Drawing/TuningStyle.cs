using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The signs of trials: the best, those with all epochs, those that were dropped earlier, and failed ones.</summary>
internal sealed class TuningStyle
{
    private const float Spread = 1.6f;
    private readonly TuningPicture _picture;
    private readonly int _epochs;

    /// <param name="picture">The trials.</param>
    /// <param name="theme">The colors.</param>
    public TuningStyle(TuningPicture picture, PictureTheme theme)
    {
        (_picture, Theme) = (picture, theme);
        TuningPoint[] scored = [.. picture.Points.Where(p => p.Scores.Count > 0)];
        _epochs = scored.Select(p => p.Scores[^1].Epochs).DefaultIfEmpty(0).Max();
        HasSeveralRungs = scored.SelectMany(p => p.Scores).Select(s => s.Epochs).Distinct().Count() > 1;
        (Low, High) = Limits([.. scored.SelectMany(p => p.Scores).Select(s => s.Score)]);
    }

    public PictureTheme Theme { get; }

    /// <summary><see langword="true"/> if scores were taken after different numbers of epochs.</summary>
    public bool HasSeveralRungs { get; }

    /// <summary>The lower end of the axis of scores.</summary>
    public double Low { get; }

    /// <summary>The upper end of the axis of scores.</summary>
    public double High { get; }

    /// <summary>The place of failed trials: the worse end of the axis.</summary>
    public double WorstEnd => _picture.IsMaximized ? Low + (0.03 * (High - Low)) : High - (0.03 * (High - Low));

    /// <summary>Returns the sign of a trial.</summary>
    public (SKColor Color, MarkerShape Shape, float Size) SignOf(TuningPoint point) =>
        point.IsBest ? (Theme.Orange, MarkerShape.FilledDiamond, 12)
        : point.IsFailed || point.Scores.Count == 0 ? (Theme.Muted, MarkerShape.Eks, 8)
        : point.Scores[^1].Epochs == _epochs ? (Theme.Blue, MarkerShape.FilledCircle, 7)
        : (Theme.Muted, MarkerShape.OpenCircle, 6);

    /// <summary>Returns where to draw a score; beyond the axis at its end.</summary>
    public double Shown(double score) => Math.Clamp(score, Math.Min(Low, High), High);

    /// <summary>Draws the legend of the signs that occur.</summary>
    public void DrawLegend(Sketch sketch, float x, float y)
    {
        (string Name, Func<TuningPoint, bool> Holds)[] kinds =
        [
            ("best", p => p.IsBest),
            (HasSeveralRungs ? "all epochs" : "trial", p => !p.IsBest && !IsLost(p) && p.Scores[^1].Epochs == _epochs),
            ("dropped earlier", p => !p.IsBest && !IsLost(p) && p.Scores[^1].Epochs < _epochs),
            ("failed", p => p.IsFailed),
        ];
        foreach ((string name, Func<TuningPoint, bool> holds) in kinds)
        {
            if (_picture.Points.FirstOrDefault(holds) is { } example)
            {
                (SKColor color, MarkerShape shape, _) = SignOf(example);
                LegendSign.Draw(sketch, x, y, color, shape);
                x += LegendSign.Width + 5;
                sketch.Text(name, x, y, 11.5f, Theme.Ink);
                x += Sketch.Measure(name, 11.5f) + 16;
            }
        }

        static bool IsLost(TuningPoint p) => p.IsFailed || p.Scores.Count == 0;
    }

    // A few scores that are far worse than the others do not stretch the axis.
    private (double Low, double High) Limits(double[] scores)
    {
        if (scores.Length == 0)
        {
            return (0, 1);
        }
        Array.Sort(scores);
        double best = _picture.IsMaximized ? scores[^1] : scores[0];
        double worst = _picture.IsMaximized ? scores[0] : scores[^1];
        double usual = scores[(int)((scores.Length - 1) * (_picture.IsMaximized ? 0.2 : 0.8))];
        double far = best + (Spread * 2 * (usual - best));
        if (usual != best && Math.Abs(worst - best) > Math.Abs(far - best))
        {
            worst = far;
        }
        double range = Math.Max(Math.Abs(best - worst), 1e-9);
        double margin = 0.07 * (range > 1e-9 ? range : Math.Max(Math.Abs(best), 1));
        return (Math.Min(best, worst) - margin, Math.Max(best, worst) + margin);
    }
}
