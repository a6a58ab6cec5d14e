namespace Lamina.Runs.Transfer;

/// <summary>
/// Fits a new head to features before its first epoch: softmax regression on standardized features, with the L2 penalty that is
/// best in cross-validation. Epochs alone, without a penalty, end below a linear probe where images are few.
/// </summary>
internal sealed class HeadFit
{
    private const int Folds = 5;
    private const int MostValidated = 2500;
    private const double MostProducts = 1e9;

    // From strong to weak, each fit beginning where the last one ended. Rows of standardized features have a length of about 1.
    private static readonly double[] s_penalties = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6];

    private readonly BatchNormalization _norm;
    private readonly Dense _dense;

    private HeadFit(BatchNormalization norm, Dense dense) => (_norm, _dense) = (norm, dense);

    /// <summary>Finds out whether a head can be fitted.</summary>
    /// <param name="head">The head, from features to classes.</param>
    /// <returns>
    /// <see langword="null"/> unless it is batch normalization that has seen nothing, dropout or none, and a Dense layer.
    /// </returns>
    public static HeadFit? Of(Model head)
    {
        Layer[] layers = [.. head.Layers.Where(l => l is not (InputLayer or Dropout))];
        return
            head.Inputs[0].Shape.Rank == 2
            && layers is [BatchNormalization { Scale: true, Center: true } norm, Dense { UseBias: true } dense]
            && dense.Activation.Name == "softmax"
            && dense.Trainable
            && HasSeenNothing(norm)
            ? new HeadFit(norm, dense)
            : null;
    }

    /// <summary>Finds out whether batch normalization has its first statistics: means of 0, variances of 1.</summary>
    public static bool HasSeenNothing(BatchNormalization norm) =>
        norm.Weights[2].GetValues().All(v => v == 0) && norm.Weights[3].GetValues().All(v => v == 1);

    /// <summary>The penalty that the epochs after the fit have, too; <see langword="null"/> before it.</summary>
    public double? Penalty
    {
        get;
        set
        {
            field = value;
            _dense.SetRegularizer("kernel", value is { } factor ? new L2(factor) : null);
        }
    }

    /// <summary>Freezes batch normalization, which is to normalize by the statistics of all features.</summary>
    public void Freeze() => _norm.Trainable = false;

    /// <summary>Fits the head and sets its weights.</summary>
    /// <param name="features">The training images' features.</param>
    /// <param name="seed">The seed of the samples, if not all images are used.</param>
    /// <param name="cancellation">Ends the fit.</param>
    /// <returns>A line about the fit.</returns>
    /// <exception cref="OperationCanceledException">It was canceled; the head is unchanged.</exception>
    public string Fit(FeatureSet features, long seed, CancellationToken cancellation)
    {
        var scale = new FeatureScale(features.Rows);
        int classes = _dense.Units;
        double perImage = (double)features.Views.Count * (scale.Width + 1) * classes;
        int[] order = ByClassInTurn(features, seed);
        int[] validated = [.. order.Take((int)Math.Min(MostValidated, MostProducts / perImage))];
        int[] fitted =
        [
            .. order.Take((int)Math.Clamp(MostProducts / perImage, validated.Length, order.Length)).Order(),
        ];
        (int best, double accuracy) = Choose(features, validated, scale, cancellation);
        // The more images, the less of a penalty: its share of the sum of all losses stays.
        double penalty = s_penalties[best] * validated.Length * (Folds - 1) / Folds / fitted.Length;
        var rows = LabeledRows.Of(features, fitted, scale);
        double[] weights = SoftmaxRegression.Fit(rows, classes, penalty, null, cancellation);
        SetWeights(scale, weights);
        Penalty = penalty * scale.Width;
        return FormattableString.Invariant(
            $"head fitted to {fitted.Length:N0} images: softmax regression, L2 penalty {penalty:G2} by {Folds}-fold cross-validation, there {Text.Words.Percent(accuracy)}"
        );
    }

    /// <summary>Returns the penalty with the least cross-entropy of left-out images, and its accuracy on them.</summary>
    private (int Best, double Accuracy) Choose(
        FeatureSet features,
        int[] images,
        FeatureScale scale,
        CancellationToken cancellation
    )
    {
        int classes = _dense.Units;
        int folds = Math.Min(Folds, images.Length);
        int[] foldOf = FoldOf(features, images, folds);
        LabeledRows[] fit = [.. Enumerable.Range(0, folds).Select(f => Part(i => foldOf[i] != f))];
        LabeledRows[] test = [.. Enumerable.Range(0, folds).Select(f => Part(i => foldOf[i] == f))];
        var weights = new double[folds][];
        (int best, double least, double accuracy) = (0, double.PositiveInfinity, 0);
        for (int p = 0; p < s_penalties.Length && p <= best + 1; p++)
        {
            double penalty = s_penalties[p];
            Parallel.For(
                0,
                folds,
                f => weights[f] = SoftmaxRegression.Fit(fit[f], classes, penalty, weights[f], cancellation)
            );
            (double Loss, int Right)[] results =
            [
                .. test.Select((rows, f) => SoftmaxRegression.Test(rows, classes, weights[f])),
            ];
            double loss = results.Zip(test, (r, rows) => r.Loss * rows.Count).Sum() / test.Sum(rows => rows.Count);
            if (loss < least)
            {
                (best, least) = (p, loss);
                accuracy = (double)results.Sum(r => r.Right) / test.Sum(rows => rows.Count);
            }
        }
        return (best, accuracy);

        LabeledRows Part(Func<int, bool> isIn) => LabeledRows.Of(features, [.. images.Where((_, i) => isIn(i))], scale);
    }

    // Each class is dealt out over the folds, beginning with another one.
    private int[] FoldOf(FeatureSet features, int[] images, int folds)
    {
        int[] next = [.. Enumerable.Range(0, _dense.Units)];
        return [.. images.Select(i => next[(int)features.Labels.Values[i]]++ % folds)];
    }

    // The layers standardize by √(variance + ε); rows, so that a constant feature counts as 0.
    private void SetWeights(FeatureScale scale, double[] weights)
    {
        int width = scale.Width;
        var kernel = new float[width * _dense.Units];
        var bias = new float[_dense.Units];
        for (int c = 0; c < bias.Length; c++)
        {
            bias[c] = (float)weights[(c * (width + 1)) + width];
            for (int i = 0; i < width; i++)
            {
                double deviation = Math.Sqrt(scale.Variance(i) + _norm.Epsilon);
                kernel[(i * bias.Length) + c] = (float)(weights[(c * (width + 1)) + i] * scale.Factor(i) * deviation);
            }
        }
        scale.SetStatistics(_norm);
        _dense.Weights[0].SetValues(kernel);
        _dense.Weights[1].SetValues(bias);
    }

    // Shuffled, and then the classes in turn: folds and samples have the same share of each class.
    private static int[] ByClassInTurn(FeatureSet features, long seed)
    {
        int[] order = [.. Enumerable.Range(0, features.Count)];
        new RandomStream(seed, RandomPurpose.User, step: 6).Shuffle(order.AsSpan());
        return
        [
            .. order
                .GroupBy(i => features.Labels.Values[i])
                .SelectMany(g => g.Select((image, rank) => (image, Place: (rank + 0.5) / g.Count(), Class: g.Key)))
                .OrderBy(p => p.Place)
                .ThenBy(p => p.Class)
                .Select(p => p.image),
        ];
    }
}
