namespace Lamina.Torch.Tests.Interop;

/// <summary>
/// Every layer in every format that keeps layers. With LAMINA_INTEROP_OUT, Keras itself reads the files
/// (tests/interop/keras/load.py).
/// </summary>
public class OneLayerTests
{
    public static TheoryData<string> Names => [.. OneLayerModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_computes_the_same_read_back(string name)
    {
        (Model model, IReadOnlyList<NDArray> inputs) = OneLayerModels.Make(name);
        using var output = new InteropOutput("keras", $"layer-{name.Replace(' ', '-')}");
        output.WriteOutputs(model, inputs);
        foreach (string file in (string[])["model.keras", "model.h5", "model.lamina"])
        {
            model.Save(output[file]);
            var again = Lamina.Model.Load(output[file]);
            SameOutputs.Of(model, again, inputs);
            if (file == "model.lamina")
            {
                Assert.Equal(model.GetConfig().ToJsonString(), again.GetConfig().ToJsonString());
            }
        }
        if (model.Weights.Count > 0)
        {
            Model other = model.Clone(copyWeights: false);
            model.SaveWeights(output["keras3.weights.h5"]);
            other.LoadWeights(output["keras3.weights.h5"]);
            SameOutputs.Of(model, other, inputs);
        }
    }

    [Fact]
    public void No_class_is_missing()
    {
        string[] aliases =
        [
            "AvgPool2D",
            "BatchNormalizationV1",
            "Convolution1D",
            "Convolution2D",
            "Convolution2DTranspose",
            "GlobalAvgPool2D",
            "GlobalMaxPool2D",
            "InputLayer",
            "Lambda",
            "MaxPool2D",
            "SeparableConvolution2D",
        ];
        string[] missing =
        [
            .. LayerRegistry
                .ClassNames.Where(LayerRegistry.IsBuiltIn)
                .Except([.. OneLayerModels.Names, .. aliases, Operation.ConfigClass]),
        ];
        Assert.Empty(missing);
    }
}
