using static Lamina.Layers;

namespace Lamina.Formats.Tests;

internal static class SmallModel
{
    /// <summary>A small CNN with a model in it whose layers have the names of the outer's.</summary>
    public static Model Create()
    {
        Session.Clear();
        var inner = Input(Shape.Of(4, 4, 2));
        Model nested = Model(inner, Conv2D(2, 3, padding: "same", name: "conv")(inner), name: "nested");
        var input = Input(8, 8, 1);
        var x = Conv2D(2, 3, strides: 2, padding: "same", activation: "relu", name: "conv")(input);
        x = BatchNormalization()(x);
        x = nested.Apply(x);
        x = Flatten()(x);
        x = Dense(3, activation: "softmax")(x);
        return Model(input, x);
    }
}
