using static Lamina.Layers;

namespace Lamina.Quantization.Tests;

/// <summary>A trained network keeps its accuracy.</summary>
public class TrainedAccuracyTests
{
    private const int Classes = 5;
    private const int Size = 16;

    [Fact]
    public void Every_method_keeps_top_1_within_half_a_point()
    {
        Session.Clear();
        Session.SetRandomSeed(1);
        (NDArray x, NDArray y) = Patterns(1, 400);
        Symbol input = Input(Size, Size, 1);
        Symbol z = Conv2D(8, 5, padding: "same", activation: "relu")(input);
        z = MaxPool2D(2)(BatchNormalization(momentum: .8)(z));
        z = Conv2D(16, 3, padding: "same", activation: "relu")(z);
        z = MaxPool2D(2)(BatchNormalization(momentum: .8)(z));
        z = Dense(32, activation: "relu")(Flatten()(z));
        Model model = Model(input, Dense(Classes, activation: "softmax")(z));
        using CompiledModel compiled = model.Compile(new Adam(.003), "sparse_categorical_crossentropy");
        model.Fit(x, y, epochs: 3, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        (NDArray test, NDArray truth) = Patterns(2, 2000);
        double exact = Accuracy(model.Predict(test), truth);
        // Hard enough that there is something to lose.
        Assert.InRange(exact, .7, .995);
        foreach (QuantizationMethod method in Enum.GetValues<QuantizationMethod>())
        {
            using QuantizedModel quantized = Draw.Quantized(model, x, new QuantizeOptions { Method = method });
            double got = Accuracy(quantized.Predict(test), truth);
            Assert.True(Math.Abs(got - exact) <= .005, FormattableString.Invariant($"{method}: {got} for {exact}"));
        }
    }

    private static double Accuracy(NDArray scores, NDArray truth) =>
        Enumerable
            .Range(0, truth.Count)
            .Average(i =>
            {
                Span<float> row = scores.Samples(i, 1).Values;
                int best = 0;
                for (int c = 1; c < row.Length; c++)
                {
                    best = row[c] > row[best] ? c : best;
                }
                return best == (int)truth.Values[i] ? 1.0 : 0;
            });

    // Stripes of five directions in noise.
    private static (NDArray X, NDArray Y) Patterns(long seed, int count)
    {
        var x = new NDArray([count, Size, Size, 1]);
        var y = new NDArray([count]);
        var random = new RandomStream(seed, RandomPurpose.User, 9);
        for (int i = 0; i < count; i++)
        {
            int label = random.NextInt32(Classes);
            double angle = Math.PI * label / Classes;
            double phase = random.NextDouble() * Math.Tau;
            y.Values[i] = label;
            for (int p = 0; p < Size * Size; p++)
            {
                double along = (p % Size * Math.Cos(angle)) + (p / Size * Math.Sin(angle));
                x.Values[(i * Size * Size) + p] = (float)(Math.Sin(along + phase) + (1.1 * random.NextNormal()));
            }
        }
        return (x, y);
    }
}
