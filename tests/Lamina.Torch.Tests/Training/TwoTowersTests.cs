using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>
/// The paper's two GPUs, built as two towers that meet in conv3 and the dense layers (figure 2), are the grouped form that
/// the zoo has: the same function, and the same step of training, with the same weights.
/// </summary>
/// <remarks>Full structure, an eighth of the width. Response normalisation sums over both towers, as the formula does.</remarks>
public abstract class TwoTowersTests(Device device)
{
    private const int Size = 99;
    private const int Classes = 7;
    private static readonly Lamina.Padding s_first = Lamina.Padding.Explicit(0, 3, 0, 3);

    [Fact]
    public void Two_towers_are_two_groups()
    {
        Session.Clear();
        Session.SetRandomSeed(11);
        Model grouped = Grouped();
        Model towers = Towers();
        Assert.Equal(grouped.CountParams(), towers.CountParams());
        CopyToTowers(grouped, towers);
        var images = new NDArray([4, Size, Size, 3], Goldens.MadeValues.Of(1, 4 * Size * Size * 3));
        var labels = new NDArray([4], new float[] { 0, 3, 6, 2 });

        AssertClose(grouped.Predict(images).Values, towers.Predict(images).Values, "outputs");

        // One step at rate 1 leaves each weight less its gradient.
        float[][] before = [.. grouped.Weights.Select(w => w.GetValues())];
        using CompiledModel a = grouped.Compile(new Sgd(1), "sparse_categorical_crossentropy", device: device);
        using CompiledModel b = towers.Compile(new Sgd(1), "sparse_categorical_crossentropy", device: device);
        Assert.Equal(grouped.TrainOnBatch(images, labels)["loss"], towers.TrainOnBatch(images, labels)["loss"], 1e-5);
        Assert.All(
            grouped.Weights.Zip(before),
            w => Assert.NotEqual(w.First.GetValues(), w.Second) // every weight has a gradient
        );
        foreach (Layer layer in grouped.Layers.Where(l => l.Weights.Count > 0))
        {
            for (int i = 0; i < layer.Weights.Count; i++)
            {
                AssertClose(layer.Weights[i].GetValues(), Joined(towers, layer.Name, i), layer.Weights[i].Path);
            }
        }
    }

    private static Model Grouped()
    {
        Symbol input = Input(Size, Size, 3);
        Symbol x = Conv2D(12, 11, 4, s_first, activation: "relu", name: "conv1")(input);
        x = MaxPool2D(3, 2)(PaperLrn(alpha: 0.1)(x));
        x = Conv2D(32, 5, padding: "same", groups: 2, activation: "relu", name: "conv2")(x);
        x = MaxPool2D(3, 2)(PaperLrn(alpha: 0.1)(x));
        x = Conv2D(48, 3, padding: "same", activation: "relu", name: "conv3")(x);
        x = Conv2D(48, 3, padding: "same", groups: 2, activation: "relu", name: "conv4")(x);
        x = Conv2D(32, 3, padding: "same", groups: 2, activation: "relu", name: "conv5")(x);
        x = Flatten()(MaxPool2D(3, 2)(x));
        x = Dense(64, "relu", name: "fc6")(x);
        x = Dense(64, "relu", name: "fc7")(x);
        return Model(input, Dense(Classes, "softmax", name: "fc8")(x));
    }

    private static Model Towers()
    {
        Symbol input = Input(Size, Size, 3);
        // Both towers see the whole image.
        Symbol x = Both(input, (x, t) => Conv2D(6, 11, 4, s_first, activation: "relu", name: "conv1" + t)(x));
        x = PaperLrn(alpha: 0.1)(x);
        // Each sees its own half of the channels from here…
        Symbol a = Tower(Slice(start: 0, size: 6)(x), "a");
        Symbol b = Tower(Slice(start: 6, size: 6)(x), "b");
        x = MaxPool2D(3, 2)(PaperLrn(alpha: 0.1)(Concatenate()(a, b)));
        // … to conv3, which sees both.
        x = Both(x, (x, t) => Conv2D(24, 3, padding: "same", activation: "relu", name: "conv3" + t)(x));
        a = Late(Slice(start: 0, size: 24)(x), "a");
        b = Late(Slice(start: 24, size: 24)(x), "b");
        x = Flatten()(Concatenate()(a, b));
        x = Both(x, (x, t) => Dense(32, "relu", name: "fc6" + t)(x));
        x = Both(x, (x, t) => Dense(32, "relu", name: "fc7" + t)(x));
        return Model(input, Dense(Classes, "softmax", name: "fc8")(x));

        static Symbol Both(Symbol x, Func<Symbol, string, Symbol> tower) => Concatenate()(tower(x, "a"), tower(x, "b"));

        static Symbol Tower(Symbol x, string t) =>
            Conv2D(16, 5, padding: "same", activation: "relu", name: "conv2" + t)(MaxPool2D(3, 2)(x));

        static Symbol Late(Symbol x, string t)
        {
            x = Conv2D(24, 3, padding: "same", activation: "relu", name: "conv4" + t)(x);
            return MaxPool2D(3, 2)(Conv2D(16, 3, padding: "same", activation: "relu", name: "conv5" + t)(x));
        }
    }

    // The groups' outputs, and the halves of every other layer's, lie one after the other in the last dimension.
    private static void CopyToTowers(Model grouped, Model towers)
    {
        foreach (Layer layer in grouped.Layers.Where(l => l.Weights.Count > 0))
        {
            for (int i = 0; i < layer.Weights.Count; i++)
            {
                float[] values = layer.Weights[i].GetValues();
                int offset = 0;
                foreach (Weight half in Halves(towers, layer.Name, i))
                {
                    Copy(values, half, layer.Weights[i].Shape[^1]!.Value, offset, toHalf: true);
                    offset += half.Shape[^1]!.Value;
                }
            }
        }
    }

    private static float[] Joined(Model towers, string layer, int index)
    {
        Weight[] halves = Halves(towers, layer, index);
        int outputs = halves.Sum(h => h.Shape[^1]!.Value);
        var values = new float[halves.Sum(h => h.Count)];
        int offset = 0;
        foreach (Weight half in halves)
        {
            Copy(values, half, outputs, offset, toHalf: false);
            offset += half.Shape[^1]!.Value;
        }
        return values;
    }

    private static Weight[] Halves(Model towers, string layer, int index) =>
        [
            .. towers
                .Layers.Where(l => l.Name.TrimEnd('a', 'b') == layer)
                .OrderBy(l => l.Name)
                .Select(l => l.Weights[index]),
        ];

    private static void Copy(float[] whole, Weight half, int outputs, int offset, bool toHalf)
    {
        float[] part = half.GetValues();
        int width = half.Shape[^1]!.Value;
        for (int i = 0; i < part.Length; i++)
        {
            ref float joined = ref whole[(i / width * outputs) + offset + (i % width)];
            if (toHalf)
            {
                part[i] = joined;
            }
            else
            {
                joined = part[i];
            }
        }
        half.SetValues(part);
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        float scale = 0;
        foreach (float e in expected)
        {
            scale = Math.Max(scale, Math.Abs(e));
        }
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= 1e-5 * scale,
                $"{what} at {i}: {expected[i]} in groups, {actual[i]} in towers"
            );
        }
    }
}

/// <inheritdoc/>
public sealed class TwoTowersOnCpuTests() : TwoTowersTests(Device.Cpu);

/// <inheritdoc/>
public sealed class TwoTowersOnPortableTests() : TwoTowersTests(Device.Portable);
