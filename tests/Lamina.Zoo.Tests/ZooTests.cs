namespace Lamina.ZooTests;

/// <summary>Parameter counts against the counts that Keras printed for the document, or that its numbers give.</summary>
public class ZooTests
{
    public static TheoryData<string> Names => [.. Zoo.Names];

    [Theory]
    [InlineData("walkthrough", 62_380_776, 1_216, "(None, 224, 224, 3)", "(None, 1000)")]
    [InlineData("listing", 28_600_264, 896, "(None, 224, 224, 3)", "(None, 1000)")]
    [InlineData("paper", 60_965_224, 0, "(None, 224, 224, 3)", "(None, 1000)")]
    [InlineData("caffe", 60_965_224, 0, "(None, 227, 227, 3)", "(None, 1000)")]
    [InlineData("caffenet", 60_965_224, 0, "(None, 227, 227, 3)", "(None, 1000)")]
    [InlineData("owt", 61_100_840, 0, "(None, 224, 224, 3)", "(None, 1000)")]
    [InlineData("d2l", 46_764_746, 0, "(None, 224, 224, 1)", "(None, 10)")]
    // By hand: kernels 3,600 + 55,296 + 221,184 + 331,776 + 221,184; scales 4·688; dense 1,180,672 + 1,049,600 + 1,025,000.
    [InlineData("small", 4_091_064, 1_376, "(None, 64, 64, 3)", "(None, 1000)")]
    public void Parameters(string name, long total, long frozen, string input, string output)
    {
        Model model = Zoo.Build(name);
        Assert.Equal(total, model.CountParams());
        Assert.Equal(total - frozen, model.TrainableWeights.Sum(w => w.Count));
        Assert.Equal(frozen, model.NonTrainableWeights.Sum(w => w.Count));
        Assert.Equal(input, model.Inputs[0].Shape.ToString());
        Assert.Equal(output, model.Outputs[0].Shape.ToString());
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
        Assert.Equal(
            "The zoo has no model 'vgg'. Use one of walkthrough, listing, paper, caffe, caffenet, owt, d2l, small.",
            message
        );
    }

    [Fact]
    public void Images_too_small_are_refused_by_the_layer_that_they_do_not_fit()
    {
        string message = Assert.Throws<ShapeException>(() => Zoo.Walkthrough(inputSize: 32)).Message;
        Assert.Contains("(MaxPooling2D): ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [MemberData(nameof(Names))]
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

    [Theory]
    [MemberData(nameof(Names))]
    public void The_smallest_input_is_the_smallest(string name)
    {
        ZooMember member = Zoo.Member(name);
        member.Build(new ZooOptions { InputSize = member.MinInputSize });
        var smaller = new ZooOptions { InputSize = member.MinInputSize - 1 };
        string message = Assert.Throws<ShapeException>(() => member.Build(smaller)).Message;
        Assert.Contains("a larger Input", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("walkthrough", 56)]
    [InlineData("paper", 55)]
    [InlineData("caffe", 55)]
    [InlineData("caffenet", 55)]
    [InlineData("owt", 55)]
    [InlineData("d2l", 54)]
    public void The_first_convolution_and_what_is_flattened_have_the_published_sizes(string name, int side)
    {
        Model model = Zoo.Build(name);
        Assert.Equal(side, model.Layers.OfType<Conv2D>().First().Output.Shape[1]);
        Shape flat = model.Layers.OfType<Flatten>().Single().Input.Shape;
        Assert.Equal(name == "d2l" ? "(None, 5, 5, 256)" : "(None, 6, 6, 256)", flat.ToString());
    }

    [Fact]
    public void Paper_has_the_papers_numbers_of_neurons()
    {
        // Section 3.5 says 253,440 for conv1, which no padding gives; 55·55·96 is 290,400, and all others are as it says.
        ModelCost cost = ModelCost.Of(Zoo.Paper());
        Assert.Equal(
            [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000],
            cost.Layers.Where(l => l.Parameters > 0).Select(l => l.Output.SampleCount)
        );
    }

    [Fact]
    public void Walkthrough_costs_what_was_counted_by_hand()
    {
        ModelCost cost = ModelCost.Of(Zoo.Walkthrough());
        Assert.Equal(1_139_124_224, cost.MultiplyAdds);
        Assert.Equal(62_380_776, cost.Parameters);
        Assert.Equal(
            [109.3, 447.9, 149.5, 224.3, 149.5, 37.7, 16.8, 4.1],
            cost.Layers.Where(l => l.MultiplyAdds > 0).Select(l => Math.Round(l.MultiplyAdds / 1e6, 1))
        );
    }

    [Theory]
    [InlineData("paper", 105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192)]
    [InlineData("owt", 70_276_800, 223_948_800, 112_140_288, 149_520_384, 99_680_256)]
    public void Convolutions_cost_what_a_hand_counts(string name, params int[] expected)
    {
        ModelCost cost = ModelCost.Of(Zoo.Build(name));
        Assert.Equal(
            expected.Select(e => (long)e),
            cost.Layers.Where(l => l.Layer is Conv2D).Select(l => l.MultiplyAdds)
        );
        long dense = (9216L * 4096) + (4096 * 4096) + (4096 * 1000);
        Assert.Equal(expected.Sum() + dense, cost.MultiplyAdds);
    }

    [Theory]
    [InlineData("paper", "0 1 0 1 1 | 1 1 0", 0.01, 0.01)]
    [InlineData("caffe", "0 0.1 0 0.1 0.1 | 0.1 0.1 0", 0.01, 0.005)]
    [InlineData("caffenet", "0 1 0 1 1 | 1 1 0", 0.01, 0.005)]
    public void First_values_are_the_published_ones(string name, string biases, double deviation, double hidden)
    {
        Model model = Zoo.Build(name);
        Conv2D[] convolutions = [.. model.Layers.OfType<Conv2D>()];
        Dense[] dense = [.. model.Layers.OfType<Dense>()];
        string Biases(IEnumerable<Layer> layers) =>
            string.Join(
                ' ',
                layers.Select(l =>
                    l.Weights[1]
                        .GetValues()
                        .Distinct()
                        .Single()
                        .ToString(System.Globalization.CultureInfo.InvariantCulture)
                )
            );
        Assert.Equal(biases, $"{Biases(convolutions)} | {Biases(dense)}");
        Assert.All(convolutions, c => Assert.Equal(new RandomNormal(0, deviation), c.KernelInitializer));
        Assert.Equal(
            [new RandomNormal(0, hidden), new RandomNormal(0, hidden), new RandomNormal(0, 0.01)],
            dense.Select(d => d.KernelInitializer)
        );
        float[] conv4 = convolutions[3].Weights[0].GetValues();
        Assert.Equal(0, conv4.Average(), 1e-4);
        Assert.Equal(deviation, Math.Sqrt(conv4.Average(w => (double)w * w)), 1e-4);
    }

    [Fact]
    public void Owt_begins_within_one_over_the_root_of_the_fan_in()
    {
        Model model = Zoo.OneWeirdTrick(classes: 10);
        foreach (Layer layer in model.Layers.Where(l => l.Weights.Count > 0 && l.Weights[0].Count < 2_000_000))
        {
            Shape kernel = layer.Weights[0].Shape;
            double bound = 1 / Math.Sqrt(kernel.Take(kernel.Rank - 1).Aggregate(1, (a, b) => a * b!.Value));
            float[] values = [.. layer.Weights[0].GetValues(), .. layer.Weights[1].GetValues()];
            Assert.InRange(values.Max(), 0.99 * bound, bound);
            Assert.InRange(values.Min(), -bound, -0.99 * bound);
            Assert.Equal(bound * bound / 3, values.Average(w => (double)w * w), 0.02 * bound * bound);
        }
    }

    [Fact]
    public void D2l_begins_as_the_book_does()
    {
        // conv1's bias lies within ±1/√(11·11·1), and uniformly so: its mean square is a third of the bound's.
        Model model = Zoo.D2l();
        float[] bias = model.Layers.OfType<Conv2D>().First().Weights[1].GetValues();
        Assert.All(bias, b => Assert.InRange(b, -1f / 11, 1f / 11));
        Assert.InRange(bias.Average(b => b * b) * 121, 0.2, 0.47);
        Assert.Equal("glorot_uniform", model.Layers.OfType<Conv2D>().First().KernelInitializer);
    }
}
