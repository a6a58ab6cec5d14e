namespace Lamina.ZooTests;

/// <summary>Parameter counts against the counts that Keras printed for the document, or that its numbers give.</summary>
public class ZooTests
{
    [Theory]
    [InlineData("walkthrough", 62_380_776, 62_379_560, 1_216)]
    [InlineData("listing", 28_600_264, 28_599_368, 896)]
    public void Parameters(string name, long total, long trainable, long frozen)
    {
        Model model = Zoo.Build(name);
        Assert.Equal(total, model.CountParams());
        Assert.Equal(trainable, model.TrainableWeights.Sum(w => w.Count));
        Assert.Equal(frozen, model.NonTrainableWeights.Sum(w => w.Count));
        Assert.Equal("(None, 1000)", model.Outputs[0].Shape.ToString());
    }

    [Fact]
    public void Walkthrough_flattens_6_by_6_by_256()
    {
        Model model = Zoo.Walkthrough();
        Layer flatten = model.Layers.Single(l => l is Flatten);
        Assert.Equal("(None, 6, 6, 256)", flatten.Input.Shape.ToString());
        Assert.Equal("(None, 9216)", flatten.Output.Shape.ToString());
    }

    [Fact]
    public void Options_reach_the_model()
    {
        var options = new ZooOptions
        {
            Classes = 7,
            InputSize = 96,
            Channels = 1,
            Dropout = 0.25,
        };
        Model model = Zoo.Build("walkthrough", options);
        Assert.Equal("(None, 96, 96, 1)", model.Inputs[0].Shape.ToString());
        Assert.Equal("(None, 7)", model.Outputs[0].Shape.ToString());
        Assert.Equal(0.25, model.Layers.OfType<Dropout>().Single().Rate);
    }

    [Fact]
    public void Unknown_names_are_refused_with_the_known_ones()
    {
        string message = Assert.Throws<LaminaException>(() => Zoo.Build("vgg")).Message;
        Assert.Equal("The zoo has no model 'vgg'. Use one of walkthrough, listing.", message);
    }

    [Fact]
    public void Images_too_small_are_refused_by_the_layer_that_they_do_not_fit()
    {
        string message = Assert.Throws<ShapeException>(() => Zoo.Walkthrough(inputSize: 32)).Message;
        Assert.Contains("(MaxPooling2D): ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("walkthrough")]
    [InlineData("listing")]
    public void Architecture_survives_its_config(string name)
    {
        Model model = Zoo.Build(name);
        string config = model.GetConfig().ToJsonString();
        Model again = Model.FromConfig(
            (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(config)!
        );
        Assert.Equal(config, again.GetConfig().ToJsonString());
        Assert.Equal(ModelSummary.ToText(model), ModelSummary.ToText(again));
    }
}
