using static Lamina.Layers;

namespace Lamina.Tests;

/// <summary>Models of images of any size: shapes as Keras prints them, and what a size decides.</summary>
public class UnknownSizesTests
{
    [Fact]
    public void Sizes_stay_unknown_until_a_layer_fixes_them()
    {
        Symbol input = Input(null, null, 3);
        Assert.Equal("(None, None, None, 3)", input.Shape.ToString());
        Symbol x = MaxPool2D(3, 2)(Conv2D(8, 3, activation: "relu")(input));
        Assert.Equal("(None, None, None, 8)", x.Shape.ToString());
        Assert.Equal("(None, 7, 5, 8)", Resizing(7, 5)(x).Shape.ToString());
        Assert.Equal("(None, None, None, 11)", Concatenate()(x, Conv2D(3, 1)(x)).Shape.ToString());
        Assert.Equal("(None, None, None, 8)", (x + UpSampling2D()(x)).Shape.ToString());
        Symbol pooled = GlobalAveragePooling2D()(x);
        Assert.Equal("(None, 8)", pooled.Shape.ToString());
        Assert.Equal("(None, 2)", Dense(2)(pooled).Shape.ToString());
        Assert.Equal("(None, 12, None, 3)", Conv2D(3, 1)(Input(12, null, 3)).Shape.ToString());
    }

    [Fact]
    public void Weights_that_depend_on_the_size_are_refused()
    {
        Symbol x = Conv2D(8, 3)(Input(null, null, 3));
        ShapeException error = Assert.Throws<ShapeException>(() => Dense(4, name: "head")(Flatten()(x)));
        Assert.StartsWith(
            "head (Dense): does not accept the unknown sizes of (None, None).",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<ShapeException>(() => PReLU()(x));
    }

    [Fact]
    public void A_model_of_one_size_shares_layers_and_weights()
    {
        Session.Clear();
        Symbol input = Input(null, null, 3);
        var model = new Model(input, GlobalMaxPooling2D()(Conv2D(4, 3, padding: "same")(input)), "any");
        Assert.True(model.HasUnknownSizes);
        Model sized = model.ForInput(Shape.Of(9, 7, 3));
        Assert.False(sized.HasUnknownSizes);
        Assert.Equal("(None, 9, 7, 3)", sized.Inputs[0].Shape.ToString());
        Assert.Same(model.Weights[0], sized.Weights[0]);
        Assert.Throws<ShapeException>(() => model.ForInput(Shape.Of(9, 7, 4)));
        Assert.Throws<ShapeException>(() => model.ForInput(Shape.Of(2, 2, 3), Shape.Of(2, 2, 3)));
        Assert.Throws<ShapeException>(() => ModelCost.Of(model));
    }

    [Fact]
    public void Config_and_summary_keep_unknown_sizes()
    {
        Session.Clear();
        Symbol input = Input(null, null, 3);
        var model = new Model(input, GlobalMaxPooling2D()(Conv2D(4, 3, padding: "same")(input)), "any");
        Model again = Model.FromConfig(model.GetConfig());
        Assert.Equal(ModelSummary.ToText(model, SummaryStyle.Keras3), ModelSummary.ToText(again, SummaryStyle.Keras3));
        Assert.Contains(
            "(None, None, None, 4)",
            ModelSummary.ToText(model, SummaryStyle.Keras3),
            StringComparison.Ordinal
        );
        Assert.Equal("(None, None, None, 3)", Model.FromJson(model.ToJson()).Inputs[0].Shape.ToString());
    }
}
