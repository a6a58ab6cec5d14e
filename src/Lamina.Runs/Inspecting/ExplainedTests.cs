using Lamina.Inspect;
using Lamina.Runs.Folder;
using Lamina.Runs.Results;
using Lamina.Runs.Text;

namespace Lamina.Runs.Inspecting;

/// <summary>Draws where a network looks, for the report of a run: Grad-CAM of its worst mistakes and of right predictions.</summary>
internal static class ExplainedTests
{
    private const int Most = 4;

    /// <summary>Draws the picture of a run's report, unless the model has no convolution.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="info">The classes and the preprocessing.</param>
    /// <param name="result">The results of the test.</param>
    /// <param name="images">The images of the test.</param>
    public static void Write(RunFolder folder, Model model, RunInfo info, Evaluation result, LabeledImages images)
    {
        using var attributor = new Attributor(model);
        try
        {
            attributor.RequireMaps();
        }
        catch (LaminaException)
        {
            return;
        }
        var range = new PixelRange(info.Preprocessing);
        List<SheetRow> rows = [];
        foreach (TestPrediction test in Chosen(result))
        {
            if (TryPrepare(images, test.Image, info.Preprocessing) is { } image)
            {
                rows.Add(Row(attributor, range, info.Classes, test, image));
            }
        }
        if (rows.Count > 0)
        {
            RunPictures.Sheet(
                folder.Explanations,
                new PictureSheet
                {
                    Title = "Where the network looks",
                    Subtitle =
                        "Grad-CAM of test images: what speaks for the predicted class, and for the true or second class",
                    Rows = rows,
                    TileSize = 150,
                    Scale = ("no influence", "largest influence"),
                }
            );
        }
    }

    private static IEnumerable<TestPrediction> Chosen(Evaluation result)
    {
        TestPrediction[] worst = [.. result.WorstMistakes.Take(Most / 2)];
        return worst.Concat(
            result.Examples.Choose(Most, result.Top1Error).Where(p => p.Predicted == p.Truth).Take(Most - worst.Length)
        );
    }

    private static SheetRow Row(
        Attributor attributor,
        PixelRange range,
        IReadOnlyList<string> classes,
        TestPrediction test,
        NDArray image
    )
    {
        SheetTile input = range.ToTile(image);
        float[] probabilities = attributor.Probabilities(image).Values.ToArray();
        bool isRight = test.Predicted == test.Truth;
        int other = isRight ? Classifier.Top(probabilities, 2)[^1].Index : test.Truth;
        return new([
            input with
            {
                Title = "Input",
            },
            Tile(test.Predicted, isRight ? "predicted, right" : "predicted, wrong", isRight),
            Tile(other, isRight ? "second" : "true class", null),
        ]);

        SheetTile Tile(int @class, string role, bool? frame) =>
            input with
            {
                Heat = attributor.GradCam(image, @class).ToHeat(),
                Title = classes[@class],
                Caption = $"{role}, {Words.Percent(probabilities[@class])}",
                IsRight = frame,
            };
    }

    private static NDArray? TryPrepare(LabeledImages images, int index, Preprocessing preprocessing)
    {
        try
        {
            var pixels = new PixelBuffer();
            images.Decode(index, pixels);
            return Images.Prepare(pixels, preprocessing);
        }
        catch (DataException)
        {
            return null;
        }
    }
}
