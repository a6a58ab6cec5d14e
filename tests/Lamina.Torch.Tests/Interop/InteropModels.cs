using static Lamina.Layers;

namespace Lamina.Torch.Tests.Interop;

/// <summary>Small models of Lamina's that other programs read.</summary>
internal static class InteropModels
{
    public static readonly string[] Names = ["alexnet", "graph", "padded"];

    public static (Model Model, IReadOnlyList<NDArray> Inputs) Make(string name)
    {
        Model model = name switch
        {
            "alexnet" => AlexNet(),
            "graph" => Graph(),
            _ => Padded(),
        };
        var random = new RandomStream(7, RandomPurpose.Initializer, 0, 0);
        foreach (Weight weight in model.Weights)
        {
            bool positive = weight.Name == "moving_variance";
            weight.SetValues(Values((int)weight.Count, positive ? 0.5f : -0.6f, positive ? 1.5f : 0.6f, ref random));
        }
        var inputs = new List<NDArray>();
        foreach (Symbol input in model.Inputs)
        {
            Shape shape = input.Shape.WithBatch(2);
            inputs.Add(new NDArray(shape, Values((int)shape.ElementCount, -1, 1, ref random)));
        }
        return (model, inputs);
    }

    private static float[] Values(int count, float low, float high, ref RandomStream random)
    {
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = low + ((high - low) * random.NextSingle());
        }
        return values;
    }

    // The walkthrough in small: every layer class that it has.
    private static Model AlexNet()
    {
        Symbol input = Input(23, 23, 3);
        Symbol x = Conv2D(6, 5, 2, "same", activation: "relu")(input);
        x = BatchNormalization()(x);
        x = MaxPool2D(3, 2)(x);
        x = Conv2D(4, 3, padding: "same", activation: "relu")(x);
        x = Flatten()(x);
        x = Dense(9, "relu")(x);
        x = Dropout(0.5)(x);
        return Model(input, Dense(5, "softmax")(x));
    }

    private static Model Graph()
    {
        Symbol inner = Input(Shape.Of(8, 8, 4), name: "inner");
        Symbol t = Conv2D(4, 3, padding: "same", name: "tower_conv")(inner);
        Model tower = Model(inner, BatchNormalization(scale: false, name: "tower_norm")(t), "tower");
        Symbol a = Input(Shape.Of(8, 8, 3), name: "a");
        Symbol b = Input(Shape.Of(8, 8, 3), name: "b");
        Call<Conv2D> shared = Conv2D(4, 1, activation: "softplus", name: "shared");
        (Symbol sa, Symbol sb) = (shared(a), shared(b));
        (Symbol ta, Symbol tb) = (tower.Apply(sa), tower.Apply(sb));
        Symbol all = Concatenate()(Add()(ta, tb), Multiply()(sa, tb), sb);
        Symbol y = ReLU(negativeSlope: 0.1)(all);
        y = AveragePooling2D(2, 1, "same")(y);
        y = ZeroPadding2D(1)(y);
        y = ReLU(6)(y);
        Symbol pooled = GlobalAveragePooling2D()(y);
        Symbol shaped = Reshape(2, 6)(pooled);
        Symbol logits = Dense(3, useBias: false)(Flatten()(shaped));
        return Model([a, b], [Softmax()(logits), Activation("swish")(logits)], "graph");
    }

    // What Keras says by other layers: padding in pixels, an adaptive pooling that divides evenly.
    private static Model Padded()
    {
        Symbol input = Input(15, 14, 3);
        Symbol x = Conv2D(4, 4, 3, Lamina.Padding.Explicit(0, 3, 2, 1), activation: "relu")(input);
        x = MaxPool2D(2, 1)(x);
        x = AdaptiveAveragePooling2D((2, 2))(x);
        x = Rescaling(0.5, 0.25)(x);
        return Model(input, Dense(3, "sigmoid")(Flatten()(x)), "padded");
    }
}
