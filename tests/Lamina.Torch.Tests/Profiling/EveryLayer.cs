using static Lamina.Layers;

namespace Lamina.Torch.Tests.Profiling;

/// <summary>A small model with every kind of layer, a branch, and pads on one side more than on the other.</summary>
internal static class EveryLayer
{
    public const int Batch = 16;

    public static Model Build(double dropout = 0.5)
    {
        Session.Clear();
        Session.SetRandomSeed(3);
        Symbol input = Input(31, 31, 3);
        Symbol x = Rescaling(2, -1)(input);
        x = Conv2D(24, 5, strides: 2, padding: "same", activation: "relu")(x);
        x = LocalResponseNormalization()(x);
        x = MaxPool2D(3, 2)(x);
        x = ZeroPadding2D(1)(x);
        Symbol left = Conv2D(16, 3, groups: 2, activation: "tanh")(x);
        left = BatchNormalization()(left);
        Symbol right = Conv2D(16, 3, useBias: false)(x);
        right = BatchNormalization()(right);
        right = ReLU()(right);
        Symbol sum = Add()(left, right);
        Symbol product = Multiply()(left, right);
        x = Concatenate()(sum, product);
        x = Conv2D(32, 2, strides: 2, padding: "same", activation: "relu")(x);
        x = MaxPool2D(2, strides: 2, padding: "same")(x);
        x = AveragePooling2D(2, strides: 1)(x);
        x = AdaptiveAveragePooling2D(3)(x);
        x = Flatten()(x);
        x = Dense(64, activation: "relu")(x);
        x = Dropout(dropout)(x);
        x = Dense(48, activation: "gelu")(x);
        return Model(input, Dense(10, activation: "softmax")(x));
    }

    public static (NDArray X, NDArray Y) Data(int batch = Batch, int seed = 1)
    {
        var stream = new RandomStream(seed, RandomPurpose.User);
        var x = new NDArray([batch, 31, 31, 3]);
        foreach (ref float value in x.Values)
        {
            value = stream.NextSingle();
        }
        var y = new NDArray([batch, 1]);
        foreach (ref float value in y.Values)
        {
            value = stream.NextInt32(10);
        }
        return (x, y);
    }
}
