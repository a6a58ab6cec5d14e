using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Models small enough to work by hand, or to compare two ways of training.</summary>
internal static class TinyModels
{
    /// <summary>y = x · w + b with two inputs and one output.</summary>
    public static Model Line(float w1, float w2, float bias)
    {
        Symbol input = Input(2);
        Model model = Model(input, Dense(1, name: "line")(input));
        model.Weights[0].SetValues([w1, w2]);
        model.Weights[1].SetValues([bias]);
        return model;
    }

    /// <summary>A convolution and two dense layers, without batch normalisation or dropout unless asked for.</summary>
    public static Model Network(long seed, bool noisy = false)
    {
        Session.SetRandomSeed(seed);
        Symbol input = Input(6, 6, 2);
        Symbol x = Conv2D(4, 3, activation: "tanh", name: "conv")(input);
        x = noisy ? BatchNormalization(name: "norm")(x) : x;
        x = Dense(5, activation: "tanh", name: "hidden")(Flatten()(x));
        x = noisy ? Dropout(0.5)(x) : x;
        return Model(input, Dense(3, activation: "softmax", name: "scores")(x));
    }

    /// <summary>Images and labels for <see cref="Network"/>.</summary>
    public static (NDArray X, NDArray Y) Data(int samples)
    {
        var random = new RandomStream(11, RandomPurpose.User);
        var x = new NDArray([samples, 6, 6, 2]);
        foreach (ref float value in x.Values)
        {
            value = (2 * random.NextSingle()) - 1;
        }
        var y = new NDArray([samples]);
        for (int i = 0; i < samples; i++)
        {
            y.Values[i] = i % 3;
        }
        return (x, y);
    }

    /// <summary>All weights' values, one after the other.</summary>
    public static float[] Bytes(Model model) => [.. model.Weights.SelectMany(w => w.GetValues())];

    /// <summary>Checks a weight's values.</summary>
    public static void AssertNear(double[] expected, Weight weight, double tolerance = 1e-6)
    {
        float[] values = weight.GetValues();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(expected[i], values[i], tolerance);
        }
    }
}
