namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Which weights a rule is meant for.</summary>
public class WeightRuleTests
{
    [Theory]
    [InlineData("bias", "conv/bias,hidden/bias,scores/bias")]
    [InlineData("conv/*", "conv/bias,conv/kernel")]
    [InlineData("*/kernel", "conv/kernel,hidden/kernel,scores/kernel")]
    [InlineData("moving_*", "norm/moving_mean,norm/moving_variance")]
    [InlineData("*/???ma", "norm/gamma")]
    [InlineData("Bias", "")]
    [InlineData("conv", "")]
    public void Names_and_paths_match(string pattern, string paths)
    {
        var rule = new WeightRule(pattern);
        Model model = TinyModels.Network(1, noisy: true);
        Assert.Equal(paths, string.Join(",", model.Weights.Where(rule.Matches).Select(w => w.Path).Order()));
    }

    [Fact]
    public void The_first_rule_that_matches_holds()
    {
        Model model = TinyModels.Network(1);
        Dictionary<Weight, WeightRule> found = WeightRule.Resolve(
            model.Weights,
            model.Name,
            [new("conv/*", 0), new("bias", 2), new("conv/bias", 3)]
        );
        Assert.Equal(
            "conv/bias 0,conv/kernel 0,hidden/bias 2,scores/bias 2",
            string.Join(",", found.Select(p => $"{p.Key.Path} {p.Value.LearningRate}").Order())
        );
    }

    [Fact]
    public void A_weight_of_factor_0_stays()
    {
        Model model = TinyModels.Network(1);
        (NDArray x, NDArray y) = TinyModels.Data(4);
        float[] conv = model.Weights[0].GetValues();
        float[] hidden = model.Weights[2].GetValues();
        using CompiledModel compiled = model.Compile(
            new AdamW { Rules = [new("conv/*", 0)] },
            "sparse_categorical_crossentropy"
        );
        model.TrainOnBatch(x, y);
        Assert.Equal(conv, model.Weights[0].GetValues());
        Assert.NotEqual(hidden, model.Weights[2].GetValues());
    }

    [Fact]
    public void A_rule_that_matches_nothing_is_an_error_when_compiling()
    {
        Model model = TinyModels.Network(1);
        var error = Assert.Throws<ConfigException>(() => model.Compile(new Sgd { Rules = [new("conv9/*", 2)] }, "mse"));
        Assert.Contains("'conv9/*'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'conv/kernel'", error.Message, StringComparison.Ordinal);
        Assert.Null(model.Compiled);
    }

    [Fact]
    public void Factors_below_0_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightRule("bias", -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightRule("bias", 1, double.NaN));
        Assert.Throws<ArgumentException>(() => new WeightRule(" "));
    }
}
