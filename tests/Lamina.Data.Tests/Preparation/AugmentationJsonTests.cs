using System.Text.Json.Nodes;

namespace Lamina.Data.Tests.Preparation;

public class AugmentationJsonTests
{
    [Fact]
    public void Json_keeps_everything()
    {
        Augmentation[] all =
        [
            new RandomCrop(WholeImage: true),
            new RandomFlip(0.25),
            new RandomResizedCrop { Scale = (0.2, 0.9), Ratio = (0.5, 2) },
            new PcaLighting(0.2),
            new PcaLighting(
                0.2,
                new ColorComponents(
                    [3, 2, 1],
                    [
                        [1, 0, 0],
                        [0, 0.6, 0.8],
                        [0, -0.8, 0.6],
                    ]
                )
            ),
            new ColorJitter(0.4, 0.3, 0.2, 0.1),
            new RandomShift(0.125),
            new RandomRotation(25, RotationFill.Zero),
            new RandomErasing(0.25, ErasingFill.Mean)
            {
                Scale = (0.1, 0.2),
                Ratio = (0.5, 2),
                Mean = [1, 2, 3],
            },
        ];
        foreach (Augmentation one in all)
        {
            Assert.Equal(one, Augmentation.FromJson(JsonNode.Parse(one.ToJson().ToJsonString())));
            Assert.Equal(one, Augmentation.FromJson(one.ToJson()));
        }
    }

    [Theory]
    [InlineData("random_crop", typeof(RandomCrop))]
    [InlineData("random_flip", typeof(RandomFlip))]
    [InlineData("random_resized_crop", typeof(RandomResizedCrop))]
    [InlineData("pca_lighting", typeof(PcaLighting))]
    [InlineData("color_jitter", typeof(ColorJitter))]
    [InlineData("random_shift", typeof(RandomShift))]
    [InlineData("random_rotation", typeof(RandomRotation))]
    [InlineData("random_erasing", typeof(RandomErasing))]
    public void What_is_left_out_has_its_default(string name, Type type) =>
        Assert.Equal(
            Activator.CreateInstance(type, Defaults(type)),
            Augmentation.FromJson(new JsonObject { ["name"] = name })
        );

    [Theory]
    [InlineData("""{ "name": "cutout" }""", "Known are random_crop, random_flip, random_resized_crop, pca_lighting")]
    [InlineData(
        """{ "name": "random_flip", "p": 0.5 }""",
        "Augmentation random_flip: 'p' is not a known key. Use name, probability."
    )]
    [InlineData(
        """{ "name": "random_flip", "probability": 2 }""",
        "RandomFlip: Probability is 2; it must be from 0 to 1."
    )]
    [InlineData("""{ "name": "random_flip", "probability": "x" }""", "'probability' is \"x\"; it must be a number.")]
    [InlineData("""{ "name": "random_flip", "probability": [1] }""", "'probability' is [1]; it must be a number.")]
    [InlineData("""{ "name": "random_crop", "whole_image": 1 }""", "'whole_image' is 1; it must be true or false")]
    [InlineData("""{ "name": "random_shift", "share": 1.5 }""", "RandomShift: Share is 1.5")]
    [InlineData(
        """{ "name": "random_resized_crop", "scale": 0.5 }""",
        "'scale' is 0.5; it must be two numbers [min, max]"
    )]
    [InlineData("""{ "name": "random_resized_crop", "scale": [0, 1] }""", "RandomResizedCrop: Scale is 0 to 1")]
    [InlineData("""{ "name": "random_resized_crop", "ratio": [2, 1] }""", "RandomResizedCrop: Ratio is 2 to 1")]
    [InlineData("""{ "name": "random_rotation", "degrees": 181 }""", "RandomRotation: Degrees is 181")]
    [InlineData(
        """{ "name": "random_rotation", "fill": "red" }""",
        "'fill' is \"red\"; it must be one of reflect, zero"
    )]
    [InlineData("""{ "name": "random_erasing", "probability": 2 }""", "RandomErasing: Probability is 2")]
    [InlineData("""{ "name": "random_erasing", "fill": 1 }""", "'fill' is 1; it must be one of noise, zero, mean")]
    [InlineData("""{ "name": "random_erasing", "mean": [1, 2] }""", "RandomErasing: Mean must be empty")]
    [InlineData("""{ "name": "random_erasing", "mean": 3 }""", "'mean' is 3; it must be a list of numbers")]
    [InlineData("""{ "name": "random_erasing", "scale": [0, 1] }""", "RandomErasing: Scale is 0 to 1")]
    [InlineData("""{ "name": "color_jitter", "hue": 0.6 }""", "ColorJitter: Hue is 0.6; it must be from 0 to 0.5.")]
    [InlineData("""{ "name": "color_jitter", "contrast": -1 }""", "ColorJitter: Contrast is -1")]
    [InlineData("""{ "name": "pca_lighting", "std": -1 }""", "PcaLighting: Std is -1")]
    [InlineData("""{ "name": "pca_lighting", "components": [1] }""", "ColorComponents: the JSON must be")]
    [InlineData(
        """{ "name": "pca_lighting", "components": { "deviations": [1, 2], "vectors": [] } }""",
        "ColorComponents: must have 1 or 3"
    )]
    [InlineData("""{ "name": "cutmix" }""", "Use the recipe key \"mixing\": { \"cutmix\": alpha }.")]
    [InlineData("""{ "name": "ran\ndom" }""", "is unknown")]
    [InlineData("""{ "probability": 1 }""", "must be an object with a \"name\", one of random_crop")]
    [InlineData("""{ "name": 3 }""", "must be an object with a \"name\"")]
    [InlineData("[]", "must be an object with a \"name\"")]
    [InlineData("null", "must be an object with a \"name\"")]
    public void Wrong_json_is_refused_in_one_line(string json, string expected)
    {
        string message = Assert.Throws<ConfigException>(() => Augmentation.FromJson(JsonNode.Parse(json))).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void An_augmentation_of_ones_own_has_no_json_until_it_says_so() =>
        Assert.Contains(
            "Own: this augmentation has no JSON form",
            Assert.Throws<ConfigException>(() => new Own().ToJson()).Message
        );

    private static object[] Defaults(Type type) =>
        [.. type.GetConstructors()[0].GetParameters().Select(p => p.DefaultValue!)];

    private sealed record Own : Augmentation;
}
