using Lamina.Inspect;

namespace Lamina.Runs.Tests;

/// <summary>What a server shows of a run: the network's view of an image, near training images, the card.</summary>
public sealed class NetworkViewerTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    [Fact]
    public void A_view_is_of_a_copy_and_has_the_heat_of_the_original()
    {
        using var classifier = RunClassifier.Load(trained.Run);
        NDArray image = Image(classifier);
        using var attributor = new Attributor(classifier.Model);
        using var viewer = NetworkViewer.Of(classifier);
        NetworkView view = viewer.View(image);
        ClassScore best = classifier.Predict(image, 1)[0];
        Assert.Equal(best.Class, view.Explained.Class);
        Assert.Equal(best.Probability, view.Explained.Probability, 1e-5f);
        float[] expected = attributor.GradCam(image, best.Index).ToHeat().Values.ToArray();
        using SkiaSharp.SKBitmap heat = SkiaSharp.SKBitmap.Decode(view.Heat!.Png.Span);
        Assert.Equal((view.Heat.Width, view.Heat.Height), (heat.Width, heat.Height));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(255 * expected[i], heat.GetPixel(i % heat.Width, i / heat.Width).Red, 1.0);
        }
        Assert.Equal(
            classifier.Model.Layers.Select(l => l.Name).Intersect(view.Layers.Select(l => l.Layer)),
            view.Layers.Select(l => l.Layer)
        );
        // The original may change meanwhile.
        classifier.Model.Weights[0].SetValues(new float[classifier.Model.Weights[0].Count]);
        Assert.Equal(view.Explained, viewer.View(image).Explained);
        Assert.Throws<LaminaException>(() => viewer.View(image, 7));
    }

    [Fact]
    public void Neighbors_are_shown_once_their_features_are_there()
    {
        string features = Path.Combine(trained.Folder.Root, ".features");
        if (Directory.Exists(features))
        {
            Directory.Delete(features, recursive: true);
        }
        CancellationToken token = TestContext.Current.CancellationToken;
        using var classifier = RunClassifier.Load(trained.Run);
        NDArray image = Image(classifier);
        using var before = NetworkViewer.Of(classifier);
        Assert.StartsWith(
            "The features of the training images are not computed",
            before.WhyNoNeighbors(token),
            StringComparison.Ordinal
        );
        Assert.Throws<LaminaException>(() => before.Neighbors(image, cancellation: token));

        using var another = RunClassifier.Load(trained.Run);
        IReadOnlyList<NeighborImage> expected = new RunNeighbors(another)
            .Find([("x", image)], token)!
            .Images[0]
            .Neighbors;
        Assert.Null(before.WhyNoNeighbors(token));
        NeighborView found = before.Neighbors(image, 4, token);
        Assert.Equal(4, found.Neighbors.Count);
        Assert.Equal(
            expected.Take(4).Select(n => (n.Class, n.Distance)),
            found.Neighbors.Select(n => (n.Class, n.Distance))
        );
        Assert.All(found.Neighbors, n => Assert.Equal(20, SkiaSharp.SKBitmap.Decode(n.Png.Span).Width));
    }

    [Fact]
    public void A_card_has_the_runs_results_and_what_its_author_states()
    {
        using var classifier = RunClassifier.Load(trained.Run);
        ModelCard card = ModelCard.Of(classifier);
        Assert.Equal(trained.Result.Test!.Top1, card.Top1!.Value, 1e-9);
        Assert.Equal((int)trained.Result.Test.Count, card.TestImages!.Value);
        Assert.Equal(("data", null, "float32"), (card.Data, card.License, card.Precision));
        Assert.Equal(classifier.Model.CountParams(), card.Parameters);
        Assert.DoesNotContain(trained.Folder.Root, card.ToString(), StringComparison.Ordinal);

        string file = Path.Combine(trained.Run, ModelCard.FileName);
        File.WriteAllText(file, """{"license": "CC-BY-4.0", "description": "Dark and\nlight."}""");
        card = ModelCard.Of(classifier);
        Assert.Equal(("CC-BY-4.0", "Dark and light."), (card.License, card.Description));
        foreach (
            string damaged in new[]
            {
                "{",
                "[]",
                """{"license": 5}""",
                "{\"license\": \"" + new string('x', 5000) + "\"}",
            }
        )
        {
            File.WriteAllText(file, damaged);
            Assert.Null(ModelCard.Of(classifier).License);
        }
        File.Delete(file);
    }

    private NDArray Image(RunClassifier classifier) =>
        Images.Load(Path.Combine(trained.Data, "light", "3.png"), classifier.Info.Preprocessing);
}
