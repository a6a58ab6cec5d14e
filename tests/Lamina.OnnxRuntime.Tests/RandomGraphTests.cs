using static Lamina.Layers;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Networks drawn at random: whatever layers meet, the file says the same as the model.</summary>
public class RandomGraphTests
{
    private static readonly string[] s_activations =
    [
        "linear",
        "relu",
        "tanh",
        "sigmoid",
        "gelu",
        "silu",
        "relu6",
        "selu",
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_drawn_network_agrees(int seed)
    {
        Session.Clear();
        Session.SetRandomSeed(seed);
        var random = new Random(seed);
        Symbol input = Input(random.Next(7, 13), random.Next(7, 13), random.Next(1, 5));
        var values = new List<Symbol> { input };
        var shared = new Dictionary<Shape, Call<Conv2D>>();
        int count = random.Next(5, 12);
        for (int i = 0; i < count; i++)
        {
            values.Add(Next(random, values, shared));
        }
        List<Symbol> outputs = [values[^1]];
        Symbol? flat = values.LastOrDefault(v => v.Shape.Rank == 2);
        outputs.Add(Dense(random.Next(1, 6), Pick(random))(flat ?? Flatten()(values[^1])));
        if (values[^1] == input)
        {
            outputs.RemoveAt(0);
        }
        bool folds = random.Next(2) == 0;
        RoundTrip.Check(
            RoundTrip.Disturb(new Model([input], outputs)),
            new OnnxExportOptions { FoldBatchNormalization = folds }
        );
    }

    private static string Pick(Random random) => s_activations[random.Next(s_activations.Length)];

    // A layer on one of the last values, of those that its shape allows.
    private static Symbol Next(Random random, List<Symbol> values, Dictionary<Shape, Call<Conv2D>> shared)
    {
        Symbol x = values[random.Next(Math.Max(0, values.Count - 3), values.Count)];
        if (x.Shape.Rank == 2)
        {
            return random.Next(5) switch
            {
                0 => Dense(random.Next(1, 12), Pick(random))(x),
                1 => BatchNormalization()(x),
                2 => Activation(Pick(random))(x),
                3 => Dropout(0.5)(x),
                _ => Concatenate()(x, Rescaling(0.5, 0.1)(x)),
            };
        }
        (int height, int width, int channels) = (x.Shape[1]!.Value, x.Shape[2]!.Value, x.Shape[3]!.Value);
        int least = Math.Min(height, width);
        int window = random.Next(1, Math.Min(least, 4) + 1);
        Padding padding = random.Next(3) switch
        {
            0 => "valid",
            1 => "same",
            _ => Padding.Explicit(Pad(), Pad(), Pad(), Pad()),
        };
        switch (random.Next(14))
        {
            case 0 or 1:
                int groups = channels % 2 == 0 ? random.Next(1, 3) : 1;
                return Conv2D(
                    groups * random.Next(1, 5),
                    window,
                    random.Next(1, 3),
                    padding,
                    groups: groups,
                    activation: Pick(random)
                )(x);
            case 2 when window > 1:
                return Conv2D(3, (window, 1), padding: "same", dilationRate: (1, 2), useBias: false)(x);
            case 3:
                return MaxPool2D(window, random.Next(1, 3), padding)(x);
            case 4:
                return AveragePooling2D(window, random.Next(1, 3), padding)(x);
            case 5:
                return BatchNormalization()(x);
            case 6:
                return PyTorchLrn(random.Next(0, 3) * 2 + 1, alpha: 0.3)(x);
            case 7:
                return Add()(x, Activation(Pick(random))(x));
            case 8:
                return Multiply()(x, GlobalAveragePooling2D(keepDims: true)(x));
            case 9 when channels > 1:
                return Concatenate(axis: random.Next(1, 4))(x, Slice(0, channels, axis: 3)(x));
            case 10:
                return ZeroPadding2D(((Pad(), 1), (0, Pad())))(x);
            case 11:
                // The same layer wherever it fits.
                Shape key = Shape.Of(channels, 3);
                if (!shared.TryGetValue(key, out Call<Conv2D>? layer))
                {
                    shared.Add(key, layer = Conv2D(channels, 3, padding: "same", activation: "tanh"));
                }
                return layer(x);
            case 12:
                return AdaptiveAveragePooling2D((random.Next(1, 6), random.Next(1, 6)))(x);
            default:
                return values.Count > 4
                    ? Flatten()(x)
                    : Rescaling([.. Enumerable.Range(1, channels).Select(c => c / 3f)], [0.2f])(x);
        }

        int Pad() => random.Next(0, window);
    }
}
