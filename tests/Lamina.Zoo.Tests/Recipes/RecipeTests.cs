using System.Text.Json.Nodes;

namespace Lamina.ZooTests;

/// <summary>Recipes as data: those that come along, the round trip, and what is wrong said in one line.</summary>
public sealed class RecipeTests
{
    private const string Least = """{"model": "walkthrough", "optimizer": {"name": "sgd"}}""";

    public static TheoryData<string> Names => [.. Recipe.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Those_that_come_along_say_what_they_are_and_survive_a_round_trip(string name)
    {
        Recipe recipe = Recipe.Get(name);
        Assert.Equal(name, recipe.Name);
        Assert.NotEqual("", recipe.Description);
        Assert.NotEqual("", recipe.Source);
        Recipe again = Recipe.FromJson(recipe.ToJson());
        Assert.Equal(recipe.ToJson(), again.ToJson());
        Assert.Equal(recipe.Schedule, again.Schedule);
    }

    [Fact]
    public void The_papers_numbers_are_the_papers()
    {
        Recipe recipe = Recipe.Get("paper");
        Assert.Equal(
            ("paper", 224, 90, 128, 10),
            (recipe.Model, recipe.Input, recipe.Epochs, recipe.Batch, recipe.Crops)
        );
        Assert.Equal(256, recipe.Preprocessing.ShortSide);
        Assert.Equal(RecipeStatistic.PerPixel, recipe.Preprocessing.Mean);
        Assert.Equal(1, recipe.Preprocessing.Scale);
        Assert.Equal(("plateau", 0.1, 3), (recipe.Schedule.Name, recipe.Schedule.Factor, recipe.Schedule.Reductions));
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """{"name":"sgd","rule":"paper","learning_rate":0.01,"momentum":0.9,"weight_decay":0.0005}"""
                ),
                recipe.Optimizer
            )
        );
    }

    [Theory]
    [InlineData(6_000, 20)]
    [InlineData(10_000, 12)]
    [InlineData(100, 60)]
    [InlineData(1_000_000, 5)]
    public void A_number_of_images_sets_the_epochs_by_the_size_of_the_data(int count, int epochs)
    {
        Recipe recipe = Recipe.FromJson(
            Least.Replace("\"optimizer\"", "\"images\": 120000, \"optimizer\"", StringComparison.Ordinal)
        );
        Recipe bound = recipe.ForImages(count);
        Assert.Equal(epochs, bound.Epochs);
        Assert.Contains($"\"epochs\": {epochs}", bound.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"images\"", bound.ToJson(), StringComparison.Ordinal);
        Assert.Equal(120_000, Recipe.FromJson(recipe.ToJson()).Images);
        Assert.Equal(90, Recipe.FromJson(Least).ForImages(count).Epochs);
    }

    [Fact]
    public void Epochs_and_images_exclude_each_other()
    {
        const string Both = """{"model": "small", "epochs": 3, "images": 100, "optimizer": {"name": "sgd"}}""";
        string message = Assert.Throws<ConfigException>(() => Recipe.FromJson(Both, "r.json")).Message;
        Assert.Equal("r.json: 'epochs' and 'images' both say how long to train. Leave one out.", message);
    }

    [Fact]
    public void What_is_left_out_has_a_standard()
    {
        Recipe recipe = Recipe.FromJson(Least);
        Assert.Equal(
            ("custom", 224, 90, 128, 1),
            (recipe.Name, recipe.Input, recipe.Epochs, recipe.Batch, recipe.Crops)
        );
        Assert.Equal("constant", recipe.Schedule.Name);
        Assert.Null(recipe.MicroBatch);
        Assert.Equal(1024, recipe.StatisticsImages);
        Assert.Empty(recipe.Augmentation);
    }

    [Theory]
    [InlineData("""{"lerning_rate": 1}""", "'lerning_rate' is not a known key. Use name, description,")]
    [InlineData("""{"model": null}""", "'model' is missing.")]
    [InlineData("""{"model": "lenet"}""", "'model' is 'lenet'; the zoo has walkthrough,")]
    [InlineData("""{"optimizer": "sgd"}""", "'optimizer' is \"sgd\"; it must be an object.")]
    [InlineData("""{"epochs": 0}""", "'epochs' is 0; it must be a whole number from 1 to 1000000.")]
    [InlineData("""{"epochs": 1.5}""", "'epochs' is 1.5; it must be a whole number from 1 to 1000000.")]
    [InlineData("""{"crops": 7}""", "'crops' is 7; it must be 1, 2 or 10.")]
    [InlineData("""{"batch": 100, "micro_batch": 64}""", "'batch' is 100, which is no multiple of 'micro_batch', 64.")]
    [InlineData("""{"schedule": {"name": "sine"}}""", "'schedule.name' is \"sine\"; it must be one of constant, step,")]
    [InlineData("""{"schedule": {"name": "cosine", "factor": 1}}""", "'schedule.factor' is not a known key.")]
    [InlineData(
        """{"schedule": {"name": "plateau", "factor": 1}}""",
        "'schedule.factor' is 1; it must be a number from"
    )]
    [InlineData("""{"preprocessing": {"mean": "per_image"}}""", "'preprocessing.mean' is \"per_image\"; it must be")]
    [InlineData("""{"preprocessing": {"mean": [1, 2]}}""", "'preprocessing.mean' is [1,2]; it must be")]
    [InlineData("""{"preprocessing": {"std": [1, 0, 1]}}""", "'preprocessing.std' must be above 0")]
    [InlineData("""{"preprocessing": {"short_side": 100}}""", "'preprocessing.short_side' is 100; it must be")]
    [InlineData("""{"augmentation": ["flip"]}""", "'augmentation' is [\"flip\"]; it must be a list of objects.")]
    [InlineData("""{"mixing": 0.2}""", "'mixing' is 0.2; it must be an object.")]
    [InlineData("""{"label_smoothing": 1}""", "'label_smoothing' is 1; it must be a number from 0 to")]
    public void What_is_wrong_is_said_with_its_place(string change, string expected)
    {
        JsonObject json = JsonNode.Parse(Least)!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
        {
            json[key] = value?.DeepClone();
        }
        var error = Assert.Throws<ConfigException>(() => Recipe.FromJson(json.ToJsonString(), "my.json"));
        Assert.StartsWith($"my.json: {expected}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("null")]
    [InlineData("""{"model": "walkthrough", "model": "listing", "optimizer": {}}""")]
    public void What_is_no_recipe_is_an_error(string json)
    {
        var error = Assert.Throws<ConfigException>(() => Recipe.FromJson(json, "my.json"));
        Assert.StartsWith("my.json: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_names_those_there_are()
    {
        var error = Assert.Throws<ConfigException>(() => Recipe.Get("resnet"));
        Assert.Contains("standard, tutorial, modern, paper", error.Message, StringComparison.Ordinal);
    }
}
