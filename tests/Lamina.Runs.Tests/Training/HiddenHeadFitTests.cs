using Lamina.Runs.Training;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Tests.Training;

/// <summary>A head with a hidden layer finds classes that no sum of features tells apart.</summary>
public sealed class HiddenHeadFitTests
{
    private const int Width = 12;

    [Fact]
    public void It_learns_what_softmax_regression_cannot()
    {
        FeatureSet train = Features(600, seed: 1);
        FeatureSet test = Features(400, seed: 2);
        Model linear = Head(hidden: 0);
        _ = HeadFit.Of(linear)!.Fit(train, seed: 0, Token);
        Model head = Head(hidden: 64);
        HiddenHeadFit fit = HiddenHeadFit.Of(head)!;
        fit.Freeze();
        Assert.StartsWith(
            "head fitted to 600 images: a hidden layer, 60 epochs",
            fit.Fit(train, Settings, Token),
            StringComparison.Ordinal
        );
        Assert.InRange(Right(linear, test), 140, 260);
        Assert.InRange(Right(head, test), 360, 400);
        Assert.False(head.GetLayer("head_norm").Trainable);
    }

    [Fact]
    public void Equal_seeds_are_equal_heads()
    {
        FeatureSet train = Features(60, seed: 1);
        Model[] heads = [Head(8), Head(8)];
        foreach (Model head in heads)
        {
            _ = HiddenHeadFit.Of(head)!.Fit(train, Settings, Token);
        }
        Assert.Equal(heads[0].Head.Weights[0].GetValues(), heads[1].Head.Weights[0].GetValues());
    }

    [Fact]
    public void Heads_of_other_layers_and_trained_ones_are_left_alone()
    {
        Assert.Null(HiddenHeadFit.Of(Head(hidden: 0)));
        Assert.Null(HeadFit.Of(Head(hidden: 8)));
        Model head = Head(hidden: 8);
        head.GetLayer("head_norm").Weights[2].SetValues([.. Enumerable.Repeat(0.5f, Width)]);
        Assert.Null(HiddenHeadFit.Of(head));
    }

    [Fact]
    public void A_canceled_fit_says_so()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            HiddenHeadFit.Of(Head(8))!.Fit(Features(60, seed: 1), Settings, source.Token)
        );
    }

    private static TrainSettings Settings => new(new TrainOptions { Data = "none", Recipe = HeadRecipe.Get() });

    // The last layers of a network with a head, as a run separates them.
    private static Model Head(int hidden)
    {
        Session.Clear();
        Session.SetRandomSeed(1);
        Symbol image = Layers.Input(2, 2, 3);
        var network = new Model([image], [new Flatten().Apply(new Conv2D(3, (1, 1)).Apply(image))]);
        Model model = ModelTrunk.Of(network).WithHead(2, dropout: 0, hidden: hidden);
        model.Layers[1].Trainable = false;
        return FrozenTrunk.Of(model)!.Head;
    }

    // The class is whether the first two features have the same sign; the others are noise.
    private static FeatureSet Features(int count, int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User, step: 1);
        var values = new float[count * Width];
        var labels = new float[count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < Width; j++)
            {
                double value = random.NextNormal();
                values[(i * Width) + j] = (float)(j < 2 ? value + (2 * Math.Sign(value)) : 0.3 * value);
            }
            labels[i] = values[i * Width] * values[(i * Width) + 1] > 0 ? 1 : 0;
        }
        return new FeatureSet([new NDArray(Shape.Of(count, Width), values)], new NDArray(Shape.Of(count, 1), labels));
    }

    private static int Right(Model head, FeatureSet set)
    {
        NDArray scores = head.Predict(set.Rows, 100);
        return Enumerable
            .Range(0, set.Count)
            .Count(i => scores.Values[2 * i] < scores.Values[(2 * i) + 1] == (set.Labels.Values[i] == 1));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
