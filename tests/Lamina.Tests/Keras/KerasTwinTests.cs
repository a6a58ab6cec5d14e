using static Lamina.Layers;

namespace Lamina.Tests.Keras;

/// <summary>Looking at what Keras would make of a model draws nothing: who saves goes on as who does not.</summary>
public class KerasTwinTests
{
    [Fact]
    public void Writing_a_model_does_not_change_the_weights_drawn_after_it()
    {
        Assert.Equal(NextWeights(save: false), NextWeights(save: true));
    }

    private static float[] NextWeights(bool save)
    {
        Session.Clear();
        Session.SetRandomSeed(5);
        Symbol input = Input(6, 6, 2);
        var model = Model(input, Conv2D(3, 3, 1, Padding.Explicit(0, 1, 0, 1))(input));
        if (save)
        {
            Assert.Equal(3, KerasJson.Twin(model, KerasForm.Keras2).Layers.Count);
            Assert.NotEmpty(model.ToJson());
        }
        Call<Dense> next = Dense(4);
        _ = next(Input(3));
        Assert.Equal("dense", next.Layer.Name);
        return next.Layer.Weights[0].GetValues();
    }
}
