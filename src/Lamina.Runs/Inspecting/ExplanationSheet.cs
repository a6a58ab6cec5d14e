using System.Globalization;
using Lamina.Runs.Text;

namespace Lamina.Runs.Inspecting;

/// <summary>Lays out an explanation as a sheet.</summary>
internal static class ExplanationSheet
{
    private const float TileSize = 168;

    /// <summary>Returns the name of a method for people.</summary>
    public static string Title(ExplainMethod method) =>
        method switch
        {
            ExplainMethod.GradCam => "Grad-CAM",
            ExplainMethod.GradCamPlusPlus => "Grad-CAM++",
            ExplainMethod.IntegratedGradients => "Integrated gradients",
            ExplainMethod.GuidedBackpropagation => "Guided backpropagation",
            _ => method.ToString(),
        };

    public static PictureSheet Of(Explanation explanation, PixelRange range, bool isDark)
    {
        SheetTile image = range.ToTile(explanation.Prepared);
        bool hasCurves = explanation.Maps.Any(m => m.Deletion is not null);
        SheetTile[] tiles =
        [
            image with
            {
                Title = "Input",
                Caption = string.Join('\n', explanation.Predictions.Take(2).Select(Line)),
            },
            .. explanation.Maps.Select(m =>
                image with
                {
                    Heat = m.Map.ToHeat(),
                    Title = Title(m.Method),
                    Caption = CurveLines(m),
                }
            ),
        ];
        ClassScore explained = explanation.Explained;
        return new PictureSheet
        {
            Title = $"Why '{explained.Class}'? ({Words.Percent(explained.Probability)})",
            Subtitle =
                OneLine.Of(Path.GetFileName(explanation.Image))
                + (
                    hasCurves
                        ? " – area below the probability as the most important pixels are deleted (small is good) or inserted (large is good)"
                        : ""
                ),
            Rows = [new SheetRow(tiles)],
            TileSize = TileSize,
            Columns = tiles.Length > 5 ? 4 : 5,
            Scale = ("no influence", "largest influence"),
            IsDark = isDark,
        };
    }

    private static string Line(ClassScore score) => $"{Words.Percent(score.Probability)}  {OneLine.Of(score.Class)}";

    private static string CurveLines(ExplanationMap map) =>
        map is { Deletion: { } deletion, Insertion: { } insertion }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"deletion {deletion.Area:0.00}, insertion {insertion.Area:0.00}"
            )
            : "";
}
