using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Prints nearest images as text or JSON.</summary>
internal static class NeighborText
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Prints a report.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="report">The report; null if no image could be read.</param>
    /// <param name="picture">The picture that was written.</param>
    /// <param name="drawn">The number of images in the picture.</param>
    /// <param name="json"><see langword="true"/> for JSON.</param>
    /// <param name="failed">The images that could not be read.</param>
    public static void Write(
        Terminal terminal,
        NeighborReport? report,
        string picture,
        int drawn,
        bool json,
        IReadOnlyList<(string Name, string Error)> failed
    )
    {
        if (json)
        {
            JsonNode?[] all =
            [
                .. report?.Images.Select(Json) ?? [],
                .. failed.Select(f => new JsonObject { ["image"] = f.Name, ["error"] = f.Error }),
            ];
            terminal.Output.WriteLine(new JsonArray(all).ToJsonString(s_indented));
        }
        if (json || report is null)
        {
            return;
        }
        foreach (ImageNeighbors image in report.Images)
        {
            terminal.Output.WriteLine(OneLine.Of(image.Image));
            terminal.Output.WriteLine(
                $"  predicted {OneLine.Of(image.Prediction.Class)}, {Words.Percent(image.Prediction.Probability)}"
            );
            foreach (NeighborImage neighbor in image.Neighbors)
            {
                string distance = neighbor.Distance.ToString("G5", CultureInfo.InvariantCulture);
                terminal.Output.WriteLine(
                    $"  {distance, 10}  {OneLine.Of(neighbor.Class)}  {OneLine.Of(neighbor.Name)}"
                );
            }
        }
        string some = drawn < report.Images.Count ? $", the first {drawn} images" : "";
        terminal.Output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"searched {report.Searched:N0} images by {report.Features:N0} outputs of {report.Layer}"
            )
        );
        terminal.Output.WriteLine($"picture  {picture}{some}");
    }

    private static JsonObject Json(ImageNeighbors image) =>
        new()
        {
            ["image"] = image.Image,
            ["prediction"] = ExplanationText.Json(image.Prediction),
            ["neighbors"] = new JsonArray([
                .. image.Neighbors.Select(n => new JsonObject
                {
                    ["image"] = n.Name,
                    ["class"] = n.Class,
                    ["distance"] = n.Distance,
                }),
            ]),
        };
}
