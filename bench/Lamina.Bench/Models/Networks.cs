using static Lamina.Layers;

namespace Lamina.Bench;

/// <summary>Networks of others, with random weights, beside those of the zoo.</summary>
internal static class Networks
{
    private const int Classes = 1000;

    private static readonly Dictionary<string, Func<Symbol, Symbol>> s_bodies = new()
    {
        ["resnet18"] = ResNet18,
        ["squeezenet"] = SqueezeNet,
        ["mobilenet"] = MobileNet,
    };

    /// <summary>The names that <see cref="Build"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => s_bodies.Keys;

    /// <summary>Returns <see langword="true"/> if a model is not one of the zoo.</summary>
    public static bool Has(string name) => s_bodies.ContainsKey(name);

    /// <summary>Builds a model of the zoo, or one of <see cref="Names"/>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="input">The side of the images.</param>
    public static Model Build(string name, int input)
    {
        if (!s_bodies.TryGetValue(name, out Func<Symbol, Symbol>? body))
        {
            return Zoo.Build(name, new ZooOptions { InputSize = input });
        }
        Symbol images = Input(input, input, 3);
        return Model(images, Activation("softmax")(body(images)), name);
    }

    // He et al. 2015, "Deep residual learning for image recognition", as torchvision builds it.
    private static Symbol ResNet18(Symbol images)
    {
        Symbol x = Activation("relu")(Normalized(images, 64, 7, 2));
        x = MaxPool2D(poolSize: 3, strides: 2, padding: "same")(x);
        foreach ((int filters, int strides) in (ReadOnlySpan<(int, int)>)[(64, 1), (128, 2), (256, 2), (512, 2)])
        {
            x = Block(x, filters, strides);
            x = Block(x, filters, 1);
        }
        return Dense(Classes)(GlobalAveragePooling2D()(x));

        static Symbol Block(Symbol x, int filters, int strides)
        {
            Symbol y = Activation("relu")(Normalized(x, filters, 3, strides));
            y = Normalized(y, filters, 3, 1);
            Symbol shortcut = strides == 1 ? x : Normalized(x, filters, 1, strides);
            return Activation("relu")(Add()(y, shortcut));
        }
    }

    // Iandola et al. 2016, version 1.1.
    private static Symbol SqueezeNet(Symbol images)
    {
        Symbol x = Conv2D(64, 3, strides: 2, activation: "relu")(images);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Fire(Fire(x, 16, 64), 16, 64);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Fire(Fire(x, 32, 128), 32, 128);
        x = MaxPool2D(poolSize: 3, strides: 2)(x);
        x = Fire(Fire(Fire(Fire(x, 48, 192), 48, 192), 64, 256), 64, 256);
        return GlobalAveragePooling2D()(Conv2D(Classes, 1, activation: "relu")(x));

        static Symbol Fire(Symbol x, int squeeze, int expand)
        {
            Symbol y = Conv2D(squeeze, 1, activation: "relu")(x);
            return Concatenate()(
                Conv2D(expand, 1, activation: "relu")(y),
                Conv2D(expand, 3, padding: "same", activation: "relu")(y)
            );
        }
    }

    // Sandler et al. 2018, MobileNetV2 of width 1.
    private static Symbol MobileNet(Symbol images)
    {
        Symbol x = Capped(Normalized(images, 32, 3, 2));
        foreach (
            (int expand, int filters, int count, int strides) in (ReadOnlySpan<(int, int, int, int)>)
                [
                    (1, 16, 1, 1),
                    (6, 24, 2, 2),
                    (6, 32, 3, 2),
                    (6, 64, 4, 2),
                    (6, 96, 3, 1),
                    (6, 160, 3, 2),
                    (6, 320, 1, 1),
                ]
        )
        {
            for (int i = 0; i < count; i++)
            {
                x = Block(x, expand, filters, i == 0 ? strides : 1);
            }
        }
        x = Capped(Normalized(x, 1280, 1, 1));
        return Dense(Classes)(GlobalAveragePooling2D()(x));

        static Symbol Block(Symbol x, int expand, int filters, int strides)
        {
            int channels = x.Shape[3]!.Value;
            Symbol y = expand == 1 ? x : Capped(Normalized(x, channels * expand, 1, 1));
            y = DepthwiseConv2D(3, strides, padding: "same", useBias: false)(y);
            y = Normalized(Capped(BatchNormalization()(y)), filters, 1, 1);
            return strides == 1 && channels == filters ? Add()(x, y) : y;
        }

        static Symbol Capped(Symbol x) => ReLU(maxValue: 6)(x);
    }

    private static Symbol Normalized(Symbol x, int filters, int kernel, int strides) =>
        BatchNormalization()(Conv2D(filters, kernel, strides, padding: "same", useBias: false)(x));
}
