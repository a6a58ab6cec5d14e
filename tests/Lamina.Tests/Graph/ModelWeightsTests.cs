using static Lamina.Layers;

namespace Lamina.Tests.Graph;

/// <summary>All weights of a model at once, copies of models, and models as calls.</summary>
public class ModelWeightsTests
{
    [Fact]
    public void Weights_are_read_and_set_in_order()
    {
        Model from = Create();
        Model to = Create();
        to.SetWeights(from.GetWeights());
        Assert.Equal(from.Weights.SelectMany(w => w.GetValues()), to.Weights.SelectMany(w => w.GetValues()));
        // The arrays are copies.
        from.GetWeights()[0].Values.Clear();
        Assert.Contains(from.Weights[0].GetValues(), v => v != 0);
        Layer dense = to.GetLayer("second");
        dense.SetWeights([new NDArray([4, 2]), new NDArray([2])]);
        Assert.All(dense.Weights[0].GetValues(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Weights_that_do_not_match_change_nothing()
    {
        Model model = Create();
        float[] before = [.. model.Weights.SelectMany(w => w.GetValues())];
        string count = Assert.Throws<ShapeException>(() => model.SetWeights([new NDArray([3, 4])])).Message;
        Assert.EndsWith("has 4 weights, got 1 arrays.", count, StringComparison.Ordinal);
        NDArray[] wrong = [new([3, 4]), new([4]), new([2, 4]), new([2])];
        string shape = Assert.Throws<ShapeException>(() => model.SetWeights(wrong)).Message;
        Assert.EndsWith("array 2 is (2, 4), but second/kernel is (4, 2).", shape, StringComparison.Ordinal);
        Assert.Equal(before, model.Weights.SelectMany(w => w.GetValues()));
    }

    [Fact]
    public void A_clone_has_the_values_and_its_own_weights()
    {
        Model model = Create();
        Model clone = model.Clone();
        Assert.Equal(model.Weights.SelectMany(w => w.GetValues()), clone.Weights.SelectMany(w => w.GetValues()));
        clone.Weights[0].SetValues(new float[12]);
        Assert.Contains(model.Weights[0].GetValues(), v => v != 0);
        Assert.NotEqual(model.Weights[0].GetValues(), model.Clone(copyWeights: false).Weights[0].GetValues());
    }

    [Fact]
    public void A_model_is_called_like_a_layer()
    {
        Call<Model> encoder = Create();
        Symbol input = Input(3);
        Symbol first = encoder(input);
        Symbol second = encoder(input);
        Assert.Equal(new Shape([null, 2]), first.Shape);
        Assert.Same(first.Layer, second.Layer);
        Assert.Same(encoder.Layer, first.Layer);
        Assert.Equal(4, new Model([input], [first, second]).Weights.Count);
    }

    private static Model Create()
    {
        Symbol input = Input(3);
        return Model(input, Dense(2, name: "second")(Dense(4, name: "first")(input)));
    }
}
