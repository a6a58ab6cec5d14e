using Lamina.Torch.Tests.Profiling;
using static Lamina.Layers;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Graphs made of what can be made: branches, shared and nested layers, odd paddings, every activation.</summary>
public class GraphTests
{
    public GraphTests()
    {
        Session.Clear();
        Session.SetRandomSeed(9);
    }

    private static void Check(Model model, OnnxExportOptions? options = null) =>
        RoundTrip.Check(RoundTrip.Disturb(model), options: options);

    [Fact]
    public void Every_layer() => Check(EveryLayer.Build());

    [Theory]
    [InlineData("relu")]
    [InlineData("relu6")]
    [InlineData("leaky_relu")]
    [InlineData("elu")]
    [InlineData("selu")]
    [InlineData("gelu")]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
    [InlineData("softplus")]
    [InlineData("softsign")]
    [InlineData("silu")]
    [InlineData("hard_sigmoid")]
    [InlineData("exponential")]
    [InlineData("softmax")]
    public void Every_activation_of_images_and_of_vectors(string activation)
    {
        Symbol input = Input(6, 5, 3);
        Symbol x = Conv2D(4, 3, activation: activation, padding: "same")(input);
        x = Flatten()(x);
        x = Activation(activation)(Rescaling(0.2)(x));
        Check(new Model([input], [x, Dense(5, activation)(Rescaling(0.01)(x))]));
    }

    [Fact]
    public void Shared_layers_and_nested_models_share_weights()
    {
        Symbol inner = Input(8, 8, 4);
        Symbol y = Conv2D(4, 3, padding: "same", activation: "relu", name: "conv")(inner);
        y = BatchNormalization()(y);
        Model nested = Model(inner, y, "block");
        Symbol left = Input(8, 8, 4);
        Symbol right = Input(8, 8, 4);
        Call<Conv2D> shared = Conv2D(4, 3, strides: 2, padding: "same", name: "shared");
        Symbol a = shared(nested.Apply(left));
        Symbol b = shared(nested.Apply(nested.Apply(right)));
        Check(new Model([left, right], [Dense(3)(Flatten()(Concatenate()(a, b))), a]));
    }

    [Fact]
    public void Flattened_images_go_elsewhere_than_to_dense_layers()
    {
        Symbol input = Input(5, 4, 3);
        Symbol flat = Flatten()(Conv2D(6, 2)(input));
        Symbol relu = ReLU()(flat);
        Symbol normal = BatchNormalization()(relu);
        Symbol both = Concatenate()(normal, relu);
        Symbol sum = Add()(normal, relu);
        Symbol part = Slice(5, 20)(sum);
        Symbol image = Conv2D(3, 2, activation: "softmax")(Reshape(4, 3, 6)(relu));
        Symbol scaled = Rescaling([.. Enumerable.Range(0, 72).Select(i => i / 7f)], [0.5f])(flat);
        Check(new Model([input], [both, part, image, Dense(4)(relu), Dense(4)(sum), scaled, flat]));
    }

    [Fact]
    public void Axes_other_than_the_last()
    {
        Symbol input = Input(5, 4, 3);
        Symbol x = BatchNormalization(axis: 1)(input);
        x = Softmax(axis: 2)(x);
        Symbol rows = Concatenate(axis: 1)(x, Slice(1, 3, axis: 1)(input));
        Symbol columns = Concatenate(axis: 2)(Slice(0, 2, axis: 2)(rows), rows);
        Symbol sequence = Reshape(48, 7)(Conv2D(7, 1)(columns));
        Check(new Model([input], [columns, Dense(3, "relu")(sequence), BatchNormalization()(sequence)]));
    }

    [Fact]
    public void Pads_of_a_layer_fold_into_the_window_after_it()
    {
        Symbol input = Input(7, 6, 2);
        Symbol x = ZeroPadding2D(((1, 0), (2, 1)))(ReLU()(input));
        Symbol conv = Conv2D(3, 3, strides: 2, padding: Padding.Explicit(0, 1, 1, 0))(x);
        Symbol max = MaxPool2D(4, 2, Padding.Explicit(1, 0, 0, 1))(x);
        Symbol mean = AveragePooling2D(3, 1)(x);
        Symbol unfolded = AveragePooling2D(3, 1, padding: "same")(x);
        Symbol signed = MaxPool2D(3)(ZeroPadding2D(1)(input));
        Check(new Model([input], [conv, max, mean, unfolded, signed]));
    }

    [Fact]
    public void Windows_that_adapt()
    {
        Symbol input = Input(7, 6, 2);
        Check(
            new Model(
                [input],
                [
                    AdaptiveAveragePooling2D((3, 4))(input),
                    AdaptiveAveragePooling2D((9, 6))(input),
                    AdaptiveAveragePooling2D((7, 3))(input),
                    AdaptiveAveragePooling2D((7, 6))(input),
                    GlobalAveragePooling2D()(input),
                    GlobalAveragePooling2D(keepDims: true)(input),
                ]
            )
        );
    }

    [Fact]
    public void Dilated_and_grouped_convolutions()
    {
        Symbol input = Input(12, 11, 6);
        Check(
            new Model(
                [input],
                [
                    Conv2D(4, (3, 2), dilationRate: (2, 3), padding: "same")(input),
                    Conv2D(6, 3, groups: 6, useBias: false)(input),
                    Conv2D(9, (1, 3), strides: (2, 1), groups: 3, padding: "same")(input),
                ]
            )
        );
    }

    [Fact]
    public void Outputs_that_are_inputs_or_each_other()
    {
        Symbol input = Input(4, 4, 2);
        Symbol dropped = Dropout(0.5)(input);
        Symbol relu = ReLU()(input);
        Check(new Model([input], [dropped, relu, Dropout(0.3)(relu), Activation("linear")(relu)]));
    }

    [Fact]
    public void Normalisation_folds_into_the_layer_before_it()
    {
        Symbol input = Input(6, 6, 3);
        Symbol x = Conv2D(4, 3, useBias: false)(input);
        x = ReLU()(BatchNormalization()(x));
        x = BatchNormalization(scale: false)(Conv2D(5, 3)(x));
        x = BatchNormalization(center: false)(Dense(6)(Flatten()(x)));
        Check(Model(input, x), new OnnxExportOptions { FoldBatchNormalization = true });
    }

    [Fact]
    public void A_fixed_batch_stays_fixed()
    {
        Symbol input = Input(Shape.Of(4, 4, 2), batchSize: 2);
        Check(Model(input, Dense(3)(Flatten()(Conv2D(3, 2)(input)))));
    }
}
