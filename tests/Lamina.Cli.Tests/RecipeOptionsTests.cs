using System.Text.Json.Nodes;
using Lamina.Runs.Training;

namespace Lamina.Cli.Tests;

/// <summary>Recipes on the command line: options that change them, and what is refused.</summary>
public sealed class RecipeOptionsTests
{
    [Theory]
    [InlineData("""{"optimizer": {"name": "sgd", "lerning_rate": 1}}""", "lerning_rate")]
    [InlineData("""{"optimizer": {"name": "rmsgrad"}}""", "rmsgrad")]
    [InlineData("""{"augmentation": [{"name": "mixup"}]}""", "mixup")]
    [InlineData("""{"augmentation": [{"name": "random_shift", "amount": 1}]}""", "amount")]
    [InlineData("""{"mixing": {"mixup": -1}}""", "MixUp is -1")]
    [InlineData("""{"mixing": {"alpha": 1}}""", "'alpha' is not a known key. Use mixup,")]
    [InlineData("""{"augmentaton": []}""", "augmentaton")]
    [InlineData("""{"optimizer": {"name": "sgd", "learning_rate": {"name": "cosine_decay"}}}""", "schedule")]
    [InlineData("""{"optimizer": {"name": "sgd", "rules": [{"weights": "biass", "learning_rate": 2}]}}""", "biass")]
    public void What_a_recipe_has_wrong_ends_the_command_in_a_line(string change, string named)
    {
        using var folder = new TempFolder();
        JsonObject json = Recipe.Get("tutorial").ToJsonObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
        {
            json[key] = value!.DeepClone();
        }
        string file = folder["mine.json"];
        File.WriteAllText(file, json.ToJsonString());
        string data = folder.WriteImages("data", perClass: 4);
        Outcome outcome = Alexnet.Run("train", data, "--recipe", file, "--output", folder["run"]);
        Assert.Equal(1, outcome.Code);
        Assert.Contains(named, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder["run"]));
    }

    [Theory]
    [InlineData("--mixup 0.2", """{"mixup":0.2,"cutmix":0}""")]
    [InlineData("--cutmix 1 --mixup 0", """{"mixup":0,"cutmix":1}""")]
    [InlineData("--recipe RECIPE", """{"mixup":0.4,"probability":0.5}""")]
    [InlineData("--recipe RECIPE --cutmix 1", """{"mixup":0.4,"probability":0.5,"cutmix":1}""")]
    [InlineData("", null)]
    public void Mixing_is_the_recipes_or_the_options_and_both_are_recorded(string args, string? expected)
    {
        Recipe recipe = ReadOptions(args, """{"mixup": 0.4, "probability": 0.5}""");
        Assert.True(JsonNode.DeepEquals(expected is null ? null : JsonNode.Parse(expected), recipe.Mixing));
        Assert.Equal(recipe.ToJson(), Recipe.FromJson(recipe.ToJson()).ToJson());
        var train = new ArraySource(new NDArray(Shape.Of(2, 4, 4, 3)), new NDArray(Shape.Of(2)));
        var binding = new RecipeBinding(recipe);
        Assert.Equal(expected is not null, binding.Mixed(train, 2, 0) is MixedBatches);
        Assert.Same(train, binding.Mixed(train, classes: 1, 0));
    }

    [Theory]
    [InlineData("--erase 0.25", "random_flip random_erasing", 0.25)]
    [InlineData(
        "--erase 0.25 --rotate 12 --shift 0.1",
        "random_flip random_shift random_rotation random_erasing",
        0.25
    )]
    [InlineData("--recipe RECIPE --flip false", "random_erasing", 0.9)]
    [InlineData("--recipe RECIPE --erase 0.3", "random_erasing random_flip", 0.3)]
    [InlineData("--recipe RECIPE --erase 0", "random_flip", null)]
    public void Options_change_one_number_of_an_augmentation(string args, string names, double? probability)
    {
        Recipe recipe = ReadOptions(
            args,
            "{}",
            """[{"name": "random_erasing", "probability": 0.9, "fill": "zero"}, {"name": "random_flip"}]"""
        );
        Assert.Equal(names, string.Join(' ', recipe.Augmentation.Select(a => (string)a["name"]!)));
        if (recipe.Augmentation.FirstOrDefault(a => (string)a["name"]! == "random_erasing") is { } erasing)
        {
            Assert.Equal(probability, (double)erasing["probability"]!);
            Assert.Equal(args.Contains("RECIPE", StringComparison.Ordinal) ? "zero" : null, (string?)erasing["fill"]);
        }
        new RecipeBinding(recipe).Augmentations(null);
    }

    private static Recipe ReadOptions(string args, string mixing, string augmentation = "[]")
    {
        using var folder = new TempFolder();
        string file = folder["mine.json"];
        JsonObject json = Recipe.Get("tutorial").ToJsonObject();
        (json["mixing"], json["augmentation"]) = (JsonNode.Parse(mixing), JsonNode.Parse(augmentation));
        File.WriteAllText(file, json.ToJsonString());
        var options = new RecipeOptions();
        var command = new System.CommandLine.Command("train");
        options.All.ToList().ForEach(command.Add);
        string text = args.Contains("--recipe", StringComparison.Ordinal) ? args : $"--recipe tutorial {args}";
        return options.Read(command.Parse(text.Replace("RECIPE", file, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", 48, null)]
    [InlineData("--recipe tutorial", 64, null)]
    [InlineData("--model caffe", 67, null)]
    [InlineData("--model listing", 153, null)]
    [InlineData("--recipe paper", 224, 256)]
    [InlineData("--recipe paper --input 64", 64, 73)]
    [InlineData("--recipe caffe --input 72", 72, 81)]
    [InlineData("--model d2l --channels 3 --dropout 0.2", 65, null)]
    public void Inputs_are_the_recipes_the_models_or_the_options(string args, int input, int? shortSide)
    {
        var options = new RecipeOptions();
        var command = new System.CommandLine.Command("train");
        options.All.ToList().ForEach(command.Add);
        Recipe recipe = options.Read(command.Parse(args));
        Assert.Equal(input, recipe.Input);
        Assert.Equal(shortSide, recipe.Preprocessing.ShortSide);
        new RecipeBinding(recipe).NewModel(10);
    }

    [Fact]
    public void A_models_name_in_the_place_of_a_folder_is_the_model_to_train()
    {
        Outcome outcome = Alexnet.Run("train", "caffe", "--input", "64");
        Assert.Equal(1, outcome.Code);
        Assert.Contains(
            "64 is too small for caffe, whose smallest input is 67×67 pixels",
            outcome.ErrorLine,
            StringComparison.Ordinal
        );
        Assert.Contains("/lenet: no such folder.", Alexnet.Run("train", "./lenet").ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_is_not_there_is_said_to_be_missing()
    {
        Outcome outcome = Alexnet.Run("train", "--recipe", "resnet");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            $"--recipe: 'resnet' is not a recipe ({string.Join(", ", Recipe.Names)}) or an existing file.",
            outcome.ErrorLine
        );
    }

    [Theory]
    [InlineData("--batch 100 --micro-batch 64", "--batch: 100 is not a multiple of --micro-batch 64.")]
    [InlineData("--optimizer adam --momentum 0.9", "--momentum: adam has no momentum. Use sgd or lars.")]
    public void Options_that_do_not_fit_are_said_to(string args, string expected)
    {
        Outcome outcome = Alexnet.Run(["train", .. args.Split(' ')]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith(expected, outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipes_are_listed_and_printed_as_they_are_read()
    {
        Outcome list = Alexnet.Run("recipes");
        Assert.Equal(0, list.Code);
        Assert.All(Recipe.Names, n => Assert.Contains($"\n{n} ", "\n" + list.Output, StringComparison.Ordinal));
        Outcome paper = Alexnet.Run("recipes", "paper");
        Assert.Equal(Recipe.Get("paper").ToJson(), Recipe.FromJson(paper.Output).ToJson());
        Assert.Contains("There is no recipe 'x'.", Alexnet.Run("recipes", "x").ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void The_papers_recipe_trains_tests_and_predicts()
    {
        using var folder = new TempFolder();
        string data = folder.WriteImages("data", perClass: 12);
        string run = folder["run"];
        string options = "--recipe paper --input 67 --epochs 1 --batch 8 --micro-batch 4";
        Outcome train = Alexnet.Run(["train", data, .. options.Split(' '), "--output", run]);
        Assert.True(train.Code == 0, train.Error);
        Assert.Contains("recipe paper: 1 epoch of batches of 8 (2 of 4), sgd", train.Output, StringComparison.Ordinal);
        // The mean image of 256·67/224 pixels goes with the model.
        Outcome test = Alexnet.Run("evaluate", run, "--crops", "10", "--json");
        Assert.Equal(0, test.Code);
        Assert.Equal(10, (int)JsonNode.Parse(test.Output)!["crops"]!);
        string image = Directory.EnumerateFiles(data, "*.png", SearchOption.AllDirectories).First();
        Assert.Equal(0, Alexnet.Run("predict", run, image).Code);
    }
}
