using System.Text.Json.Nodes;

namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Optimizers, schedules and losses as data.</summary>
public class OptimizerConfigTests
{
    private const string Common =
        "\"rules\":[],\"gradient_accumulation_steps\":1,\"ema_momentum\":null,\"clipvalue\":null,\"clipnorm\":null}";

    public static TheoryData<string> Written =>
        [
            """{"name":"sgd","learning_rate":0.01,"rule":"keras","momentum":0,"nesterov":false,"weight_decay":0,"""
                + Common,
            """{"name":"adam","learning_rate":0.001,"beta_1":0.9,"beta_2":0.999,"epsilon":1E-07,""" + Common,
            """{"name":"adamw","learning_rate":0.001,"weight_decay":0.004,"beta_1":0.9,"beta_2":0.999,"epsilon":1E-07,"""
                + Common,
            """{"name":"lars","learning_rate":1,"momentum":0.9,"weight_decay":0.0005,"trust_coefficient":0.001,"adapt_vectors":false,"""
                + Common,
            """{"name":"rmsprop","learning_rate":0.001,"rho":0.9,"momentum":0,"epsilon":1E-07,"centered":false,"weight_decay":0,"""
                + Common,
            """{"name":"adagrad","learning_rate":0.001,"initial_accumulator_value":0.1,"epsilon":1E-07,"weight_decay":0,"""
                + Common,
            """{"name":"adadelta","learning_rate":0.001,"rho":0.95,"epsilon":1E-07,"weight_decay":0,""" + Common,
            """{"name":"nadam","learning_rate":0.001,"beta_1":0.9,"beta_2":0.999,"epsilon":1E-07,"weight_decay":0,"""
                + Common,
            """{"name":"adamax","learning_rate":0.001,"beta_1":0.9,"beta_2":0.999,"epsilon":1E-07,"weight_decay":0,"""
                + Common,
            """{"name":"lion","learning_rate":0.001,"beta_1":0.9,"beta_2":0.99,"weight_decay":0,""" + Common,
            """{"name":"lamb","learning_rate":0.001,"beta_1":0.9,"beta_2":0.999,"epsilon":1E-07,"weight_decay":0,"""
                + Common,
        ];

    [Theory]
    [MemberData(nameof(Written))]
    public void Defaults_are_written_and_read(string json)
    {
        string name = JsonNode.Parse(json)!["name"]!.GetValue<string>();
        Optimizer made = Optimizer.FromConfig(new JsonObject { ["name"] = name });
        Assert.Equal(json, made.GetConfig().ToJsonString());
        Assert.Equal(json, Optimizer.FromConfig(Parse(json)).GetConfig().ToJsonString());
    }

    [Fact]
    public void A_recipes_optimizer_is_read_whole()
    {
        Optimizer optimizer = Optimizer.FromConfig(
            Parse(
                """
                {"name":"sgd","rule":"paper","learning_rate":0.02,"momentum":0.8,"nesterov":false,"weight_decay":0.0005,
                 "rules":[{"weights":"bias","learning_rate":2,"weight_decay":0}],"gradient_accumulation_steps":4,
                 "ema_momentum":0.99,"clipvalue":5,"clipnorm":6}
                """
            )
        );
        var sgd = Assert.IsType<Sgd>(optimizer);
        Assert.Equal((SgdRule.Paper, 0.02, 0.8, 0.0005), (sgd.Rule, sgd.LearningRate, sgd.Momentum, sgd.WeightDecay));
        Assert.Equal([new WeightRule("bias", 2, 0)], sgd.Rules);
        Assert.Equal(
            (4, 0.99, 5.0, 6.0),
            (sgd.GradientAccumulationSteps, sgd.EmaMomentum, sgd.ClipValue, sgd.ClipNorm)
        );
        string again = Optimizer.FromConfig(sgd.GetConfig()).GetConfig().ToJsonString();
        Assert.Equal(sgd.GetConfig().ToJsonString(), again);
    }

    [Fact]
    public void A_schedule_stands_for_the_rate()
    {
        var schedule = new WarmUp(new PiecewiseConstantDecay([10, 20], [1, 0.1, 0.01]), 5);
        JsonObject config = new Adam { Schedule = schedule }.GetConfig();
        Assert.Equal(
            """{"name":"warm_up","schedule":{"name":"piecewise_constant_decay","boundaries":[10,20],"values":[1,0.1,0.01]},"steps":5}""",
            config["learning_rate"]!.ToJsonString()
        );
        Optimizer made = Optimizer.FromConfig(config);
        Assert.Equal(schedule, made.Schedule);
        Assert.Equal(0.2, made.LearningRate);
    }

    [Theory]
    [InlineData("{}", "optimizer: 'name' is missing.")]
    [InlineData(
        "{\"name\":\"sdg\"}",
        "optimizer: 'name' is \"sdg\"; it must be one of sgd, adam, adamw, lars, rmsprop, adagrad, adadelta, nadam, adamax, lion, lamb."
    )]
    [InlineData(
        "{\"name\":\"adam\",\"momentum\":0.9}",
        "optimizer adam: 'momentum' is not a known key. Use name, learning_rate,"
    )]
    [InlineData(
        "{\"name\":\"sgd\",\"momentum\":1.5}",
        "optimizer sgd: 'momentum' is 1.5; it must be a number from 0 to 1."
    )]
    [InlineData(
        "{\"name\":\"sgd\",\"learning_rate\":\"0.1\"}",
        "'learning_rate' is \"0.1\"; it must be a number of at least 0."
    )]
    [InlineData("{\"name\":\"sgd\",\"learning_rate\":1e999}", "'learning_rate' is 1e999")]
    [InlineData(
        "{\"name\":\"sgd\",\"rule\":\"caffe\"}",
        "'rule' is \"caffe\"; it must be one of keras, pytorch, paper."
    )]
    [InlineData("{\"name\":\"sgd\",\"rule\":\"paper\",\"nesterov\":true}", "optimizer sgd: 'nesterov' is true")]
    [InlineData(
        "{\"name\":\"sgd\",\"rules\":[{\"weights\":\"bias\"},{\"wieghts\":1}]}",
        "optimizer sgd, rules[1]: 'weights' is missing."
    )]
    [InlineData(
        "{\"name\":\"sgd\",\"rules\":[{\"weights\":\"bias\",\"lr\":1}]}",
        "rules[0]: 'lr' is not a known key. Use weights, learning_rate, weight_decay."
    )]
    [InlineData("{\"name\":\"sgd\",\"rules\":{}}", "'rules' is {}; it must be a list of objects.")]
    [InlineData(
        "{\"name\":\"sgd\",\"gradient_accumulation_steps\":0}",
        "'gradient_accumulation_steps' is 0; it must be a whole number of at least 1."
    )]
    [InlineData("{\"name\":\"sgd\",\"gradient_accumulation_steps\":2.5}", "'gradient_accumulation_steps' is 2.5")]
    [InlineData("{\"name\":\"lars\",\"clipnorm\":0}", "optimizer lars: 'clipnorm' is 0; it must be above 0, or null.")]
    [InlineData(
        "{\"name\":\"sgd\",\"learning_rate\":{\"name\":\"cosine_decay\",\"decay_steps\":0,\"initial_learning_rate\":1}}",
        "schedule cosine_decay: 'decay_steps' is 0;"
    )]
    [InlineData(
        "{\"name\":\"sgd\",\"learning_rate\":{\"name\":\"piecewise_constant_decay\",\"boundaries\":[3,2],\"values\":[1,2,3]}}",
        "schedule piecewise_constant_decay: 'boundaries' must be ascending."
    )]
    [InlineData(
        "{\"name\":\"sgd\",\"learning_rate\":{\"name\":\"piecewise_constant_decay\",\"boundaries\":[3],\"values\":[1]}}",
        "'values' must be rates of at least 0, one more than 'boundaries'."
    )]
    public void A_wrong_config_is_one_line_that_names_the_key(string json, string message)
    {
        var error = Assert.Throws<ConfigException>(() => Optimizer.FromConfig(Parse(json)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("""{"name":"sparse_categorical_crossentropy","from_logits":true,"label_smoothing":0.1}""")]
    [InlineData("""{"name":"categorical_crossentropy","from_logits":false,"label_smoothing":0}""")]
    [InlineData("""{"name":"mean_squared_error"}""")]
    public void Losses_are_written_and_read(string json) =>
        Assert.Equal(json, Loss.FromConfig(Parse(json)).GetConfig().ToJsonString());

    [Theory]
    [InlineData(
        "{\"name\":\"mean_squared_error\",\"label_smoothing\":0.1}",
        "loss mean_squared_error: 'label_smoothing' is not a known key. Use name."
    )]
    [InlineData(
        "{\"name\":\"categorical_crossentropy\",\"label_smoothing\":1.1}",
        "'label_smoothing' is 1.1; it must be a number from 0 to 1."
    )]
    public void A_wrong_loss_is_one_line(string json, string message)
    {
        var error = Assert.Throws<ConfigException>(() => Loss.FromConfig(Parse(json)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructors_refuse_what_is_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd { GradientAccumulationSteps = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd { EmaMomentum = 1.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd { ClipNorm = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW(weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lars(momentum: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CategoricalCrossentropy(labelSmoothing: 2));
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
