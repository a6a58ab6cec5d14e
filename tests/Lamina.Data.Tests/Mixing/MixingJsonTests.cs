using System.Text.Json.Nodes;

namespace Lamina.Data.Tests.Mixing;

public class MixingJsonTests
{
    [Fact]
    public void Json_keeps_everything_and_what_is_left_out_has_its_default()
    {
        var mixing = new Lamina.Mixing
        {
            MixUp = 0.2,
            CutMix = 1,
            Probability = 0.8,
            SwitchProbability = 0.3,
        };
        Assert.Equal(mixing, Lamina.Mixing.FromJson(JsonNode.Parse(mixing.ToJson().ToJsonString())));
        Assert.Equal(mixing, Lamina.Mixing.FromJson(mixing.ToJson()));
        Assert.Equal(new Lamina.Mixing(), Lamina.Mixing.FromJson(new JsonObject()));
        Assert.False(new Lamina.Mixing().IsOn);
    }

    [Theory]
    [InlineData("""{ "mixup": -1 }""", "Mixing: MixUp is -1; it must be 0 for off, or from 0.001 to 1000.")]
    [InlineData("""{ "cutmix": 0.0001 }""", "Mixing: CutMix is 0.0001; it must be 0 for off, or from 0.001 to 1000.")]
    [InlineData("""{ "probability": 1.5 }""", "Mixing: Probability is 1.5; it must be from 0 to 1.")]
    [InlineData("""{ "switch_probability": -0.5 }""", "Mixing: SwitchProbability is -0.5; it must be from 0 to 1.")]
    [InlineData("""{ "mixup": "x" }""", "Mixing: 'mixup' is \"x\"; it must be a number.")]
    [InlineData("""{ "mix\nup": 1 }""", "Use mixup, cutmix, probability, switch_probability.")]
    [InlineData("[]", "Mixing: must be an object with mixup, cutmix, probability, switch_probability.")]
    [InlineData("null", "Mixing: must be an object")]
    public void Wrong_json_is_refused_in_one_line(string json, string expected)
    {
        string message = Assert.Throws<ConfigException>(() => Lamina.Mixing.FromJson(JsonNode.Parse(json))).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
