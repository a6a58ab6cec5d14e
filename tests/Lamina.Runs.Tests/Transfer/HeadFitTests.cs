using Lamina.Runs.Transfer;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>The fit of a new head to features: the optimum of its objective, and no worse than a linear probe.</summary>
public sealed class HeadFitTests
{
    private const int Classes = 3;
    private const int Width = 40;

    [Fact]
    public void The_gradient_of_the_objective_is_zero_at_the_fit()
    {
        FeatureSet features = Features(90, seed: 1);
        var scale = new FeatureScale(features.Rows);
        var rows = LabeledRows.Of(features, [.. Enumerable.Range(0, 90)], scale);
        const double Penalty = 1e-3;
        double[] fit = SoftmaxRegression.Fit(rows, Classes, Penalty, null, Token);
        double least = Objective(fit);
        for (int k = 0; k < fit.Length; k += 7)
        {
            const double Step = 0.02;
            double[] up = [.. fit];
            double[] down = [.. fit];
            (up[k], down[k]) = (fit[k] + Step, fit[k] - Step);
            Assert.InRange((Objective(up) - Objective(down)) / (2 * Step), -1e-3, 1e-3);
            Assert.True(Objective(up) > least - 1e-6);
        }

        // By its definition, in double precision.
        double Objective(double[] w)
        {
            double sum = 0;
            for (int i = 0; i < rows.Count; i++)
            {
                float[] x = rows.Row(i).ToArray();
                double[] scores =
                [
                    .. Enumerable.Range(0, Classes).Select(c => x.Select((v, j) => v * w[(c * x.Length) + j]).Sum()),
                ];
                sum += Math.Log(scores.Sum(Math.Exp)) - scores[rows.Labels[i]];
            }
            double squares = w.Where((_, k) => k % rows.Width != Width).Sum(v => v * v);
            return (sum / rows.Count) + (Penalty * squares);
        }
    }

    [Fact]
    public void With_fewer_images_than_features_the_head_is_as_good_as_the_probe()
    {
        // Half of the features are noise, of which an unpenalized head of 60 images learns too much.
        FeatureSet train = Features(60, seed: 2);
        FeatureSet test = Features(600, seed: 3);
        Model head = Head();
        HeadFit fit = HeadFit.Of(head)!;
        fit.Freeze();
        Assert.Contains("5-fold cross-validation", fit.Fit(train, seed: 0, Token), StringComparison.Ordinal);
        NDArray scores = head.Predict(test.Rows, 100);
        int right = Enumerable.Range(0, 600).Count(i => Best(scores, i) == (int)test.Labels.Values[i]);
        var probe = LinearProbe.Fit(train.Rows, [.. train.Labels.Values.ToArray().Select(l => (int)l)], Classes);
        int probed = Enumerable.Range(0, 600).Count(i => probe.Classify(test.Rows, i) == (int)test.Labels.Values[i]);
        Assert.InRange(probed, 300, 600);
        Assert.True(right >= probed - 6, $"the head finds {right} of 600, the probe {probed}");
    }

    [Fact]
    public void A_constant_feature_and_a_huge_one_do_no_harm()
    {
        FeatureSet features = Features(120, seed: 4);
        NDArray rows = features.Views[0];
        for (int i = 0; i < 120; i++)
        {
            rows.Values[i * Width] = 7;
            rows.Values[(i * Width) + 1] *= 1e6f;
        }
        Model head = Head();
        _ = HeadFit.Of(head)!.Fit(features, seed: 0, Token);
        float[] kernel = head.GetLayer("head").Weights[0].GetValues();
        Assert.Equal([0, 0, 0], kernel[..3]);
        Assert.All(kernel, v => Assert.True(float.IsFinite(v)));
        NDArray scores = head.Predict(features.Rows, 100);
        Assert.InRange(Enumerable.Range(0, 120).Count(i => Best(scores, i) == (int)features.Labels.Values[i]), 90, 120);
    }

    [Fact]
    public void A_head_that_was_trained_before_is_left_alone()
    {
        Model head = Head();
        Assert.NotNull(HeadFit.Of(head));
        head.GetLayer("norm").Weights[2].SetValues([.. Enumerable.Repeat(0.5f, Width)]);
        Assert.Null(HeadFit.Of(head));
        Symbol input = Layers.Input(Width);
        Assert.Null(HeadFit.Of(new Model([input], [new Dense(Classes, "softmax").Apply(input)])));
    }

    private static Model Head()
    {
        Session.Clear();
        Session.SetRandomSeed(1);
        Symbol input = Layers.Input(Width);
        Symbol x = new BatchNormalization(name: "norm").Apply(input);
        x = new Dropout(0.2).Apply(x);
        return new Model([input], [new Dense(Classes, "softmax", name: "head").Apply(x)]);
    }

    // Each class has its mean in 20 features; the others are noise.
    private static FeatureSet Features(int count, int seed)
    {
        var means = new RandomStream(9, RandomPurpose.User);
        double[] centers = [.. Enumerable.Range(0, Classes * Width).Select(_ => means.NextNormal() * 0.6)];
        var random = new RandomStream(seed, RandomPurpose.User, step: 1);
        var values = new float[count * Width];
        var labels = new float[count];
        for (int i = 0; i < count; i++)
        {
            int label = i % Classes;
            labels[i] = label;
            for (int j = 0; j < Width; j++)
            {
                double center = j % 2 == 0 ? centers[(label * Width) + j] : 0;
                values[(i * Width) + j] = (float)(5 + center + random.NextNormal());
            }
        }
        return new FeatureSet([new NDArray(Shape.Of(count, Width), values)], new NDArray(Shape.Of(count, 1), labels));
    }

    private static int Best(NDArray scores, int row)
    {
        float[] own = scores.Values.Slice(row * Classes, Classes).ToArray();
        return Array.IndexOf(own, own.Max());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
