using System.Text.RegularExpressions;
using CsCheck;

namespace Lamina.Tests;

public partial class SessionTests
{
    [Theory]
    [InlineData("Conv2D", "conv2d")]
    [InlineData("Conv2DTranspose", "conv2d_transpose")]
    [InlineData("DepthwiseConv2D", "depthwise_conv2d")]
    [InlineData("MaxPooling2D", "max_pooling2d")]
    [InlineData("AveragePooling2D", "average_pooling2d")]
    [InlineData("GlobalAveragePooling2D", "global_average_pooling2d")]
    [InlineData("GlobalMaxPooling2D", "global_max_pooling2d")]
    [InlineData("ZeroPadding2D", "zero_padding2d")]
    [InlineData("BatchNormalization", "batch_normalization")]
    [InlineData("ReLU", "re_lu")]
    [InlineData("LeakyReLU", "leaky_re_lu")]
    [InlineData("PReLU", "p_re_lu")]
    [InlineData("ELU", "elu")]
    [InlineData("LSTM", "lstm")]
    [InlineData("ConvLSTM2D", "conv_lstm2d")]
    [InlineData("GRUCell", "gru_cell")]
    [InlineData("Dense", "dense")]
    [InlineData("Flatten", "flatten")]
    [InlineData("Dropout", "dropout")]
    [InlineData("InputLayer", "input_layer")]
    [InlineData("X", "x")]
    public void Names_are_the_snake_case_of_Keras(string className, string name) =>
        Assert.Equal(name, Session.SnakeCase(className));

    // Since Keras 2.7; before, digits belonged to words and ConvLSTM2D became conv_lst_m2d.
    [Fact]
    public void Snake_case_of_any_class_name_is_what_the_two_regular_expressions_of_Keras_give()
    {
        Gen<string> words = Gen.Char["ABCXabcx12"].Array[0, 9].Select(c => "N" + new string(c));
        words
            .Fixed()
            .Sample(
                name =>
                {
                    string words = Word().Replace(name, "$1_$2");
                    string expected = Hump().Replace(words, "$1_$2").ToLowerInvariant();
                    Assert.Equal(expected, Session.SnakeCase(name));
                },
                iter: 20_000
            );
    }

    [GeneratedRegex("(.)([A-Z][a-z]+)")]
    private static partial Regex Word();

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex Hump();

    [Fact]
    public void Names_count_on_for_each_class()
    {
        Session.Clear();
        Assert.Equal("conv2d", Session.UniqueName("conv2d"));
        Assert.Equal("dense", Session.UniqueName("dense"));
        Assert.Equal("conv2d_1", Session.UniqueName("conv2d"));
        Assert.Equal("conv2d_2", Session.UniqueName("conv2d"));
        Assert.Equal("input_1", Session.UniqueName("input", fromOne: true));
        Assert.Equal("input_2", Session.UniqueName("input", fromOne: true));
        Session.Clear();
        Assert.Equal("conv2d", Session.UniqueName("conv2d"));
        Assert.Equal("input_1", Session.UniqueName("input", fromOne: true));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        float[][] first = Build(42);
        float[][] again = Build(42);
        float[][] other = Build(43);
        Assert.Equal(first[0], again[0]);
        Assert.Equal(first[1], again[1]);
        Assert.NotEqual(first[0], other[0]);
        Assert.NotEqual(first[0], first[1]);

        static float[][] Build(long seed)
        {
            Session.SetRandomSeed(seed);
            Assert.Equal(seed, Session.Seed);
            Symbol x = Layers.Input(8);
            return [.. new[] { new Scale(), new Scale() }.Select(layer => Values(layer, x))];
        }
    }

    [Fact]
    public void Weights_do_not_depend_on_the_order_in_which_they_are_read()
    {
        Session.SetRandomSeed(7);
        Symbol x = Layers.Input(8);
        (var a, var b) = (new Scale(), new Scale());
        a.Apply(x);
        b.Apply(x);
        (float[] a1, float[] b1) = (a.Weights[0].GetValues(), b.Weights[0].GetValues());

        Session.SetRandomSeed(7);
        (var c, var d) = (new Scale(), new Scale());
        c.Apply(x);
        d.Apply(x);
        (float[] d1, float[] c1) = (d.Weights[0].GetValues(), c.Weights[0].GetValues());
        Assert.Equal(a1, c1);
        Assert.Equal(b1, d1);
    }

    [Fact]
    public void An_initializer_with_a_seed_of_its_own_does_not_follow_the_session()
    {
        float[][] values =
        [
            .. new long[] { 1, 2 }.Select(seed =>
            {
                Session.SetRandomSeed(seed);
                return Values(new Scale(new GlorotUniform { Seed = 5 }), Layers.Input(8));
            }),
        ];
        Assert.Equal(values[0], values[1]);
    }

    private static float[] Values(Scale layer, Symbol x)
    {
        layer.Apply(x);
        return layer.Weights[0].GetValues();
    }

    private sealed class Scale(Initializer? initializer = null) : Layer(null)
    {
        private Weight _kernel = null!;

        protected override void Build(IReadOnlyList<Shape> inputs) =>
            _kernel = AddWeight("kernel", Shape.Of(8, 8), initializer ?? "glorot_uniform");

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Linear(inputs[0], _kernel.Symbol, null);
    }
}
