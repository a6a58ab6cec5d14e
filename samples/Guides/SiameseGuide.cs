// After "Image similarity estimation using a Siamese Network with a contrastive loss" (keras.io/examples/vision/siamese_contrastive).
using Lamina;
using static Lamina.Layers;

namespace Guides;

internal static class SiameseGuide
{
    public static void Run(GuideRun run)
    {
        (NDArray[] trainPairs, NDArray trainLabels) = MakePairs(run.TrainingImages(), seed: 1);
        (NDArray[] testPairs, NDArray testLabels) = MakePairs(run.TestImages(), seed: 2);

        // The two towers are one network, applied twice.
        Symbol input = Input((28, 28, 1));
        Symbol x = BatchNormalization(momentum: 0.9)(input);
        x = Conv2D(4, 5, activation: "tanh")(x);
        x = AveragePooling2D(2)(x);
        x = Conv2D(16, 5, activation: "tanh")(x);
        x = AveragePooling2D(2)(x);
        x = Flatten()(x);
        x = BatchNormalization(momentum: 0.9)(x);
        x = Dense(10, activation: "tanh")(x);
        Model embedding = Model(input, x, name: "embedding");

        Symbol left = Input((28, 28, 1));
        Symbol right = Input((28, 28, 1));
        Symbol distance = Distance(embedding.Apply(left), embedding.Apply(right));
        Symbol normalized = BatchNormalization(momentum: 0.9)(distance);
        Symbol output = Dense(1, activation: "sigmoid")(normalized);
        Model siamese = Model([left, right], [output]);
        run.Report("weights of two towers", siamese.Weights.Count - 6);

        siamese.Compile(new RmsProp(), new Contrastive(margin: 1), ["binary_accuracy"]);
        siamese.Summary(run.Output);
        History history = siamese.Fit(
            trainPairs,
            trainLabels,
            validationData: (testPairs, testLabels),
            batchSize: 16,
            epochs: run.Count(10, 4),
            verbose: run.Verbose
        );
        run.ReportLosses(history);
        IReadOnlyDictionary<string, double> results = siamese.Evaluate(testPairs, testLabels);
        run.Report("test loss", results["loss"]);
        run.Report("test accuracy", results["binary_accuracy"]);
        NDArray predictions = siamese.PredictAll([testPairs[0][..4], testPairs[1][..4]])[0];
        for (int i = 0; i < 4; i++)
        {
            run.Say($"pair {i}: different {testLabels.Values[i]}, predicted {predictions.Values[i]:0.0000}");
        }
    }

    private static Symbol Distance(Symbol a, Symbol b) =>
        Ops.Sqrt(Ops.Maximum(Ops.Sum(Ops.Square(a - b), [1], keepDims: true), 1e-7));

    /// <summary>Returns for each image one of the same class, and one of another: the label is 1 if they differ.</summary>
    private static (NDArray[] Pairs, NDArray Labels) MakePairs((NDArray X, NDArray Y) images, long seed)
    {
        (NDArray x, NDArray y) = images;
        var random = new RandomStream(seed, RandomPurpose.User);
        int[][] byClass =
        [
            .. Enumerable.Range(0, 10).Select(c => Enumerable.Range(0, y.Count).Where(i => y.Values[i] == c).ToArray()),
        ];
        var left = new NDArray([2 * x.Count, 28, 28, 1]);
        var right = new NDArray([2 * x.Count, 28, 28, 1]);
        var labels = new NDArray([2 * x.Count, 1]);
        for (int i = 0; i < x.Count; i++)
        {
            int same = (int)y.Values[i];
            int other = (same + 1 + random.NextInt32(9)) % 10;
            foreach ((int place, int @class) in ((int, int)[])[(2 * i, same), ((2 * i) + 1, other)])
            {
                int partner = byClass[@class][random.NextInt32(byClass[@class].Length)];
                x.Samples(i, 1).Values.CopyTo(left.Samples(place, 1).Values);
                x.Samples(partner, 1).Values.CopyTo(right.Samples(place, 1).Values);
                labels.Values[place] = @class == same ? 0 : 1;
            }
        }
        return ([left, right], labels);
    }
}

/// <summary>Pulls pairs of one class together, and pushes others apart up to a margin.</summary>
internal sealed class Contrastive(double margin) : Loss("contrastive")
{
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol same = Ops.Square(output);
        Symbol different = Ops.Square(Ops.Maximum(margin - output, 0));
        return ((1 - target) * same) + (target * different);
    }
}
