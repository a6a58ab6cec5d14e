using System.Text.Json.Nodes;
using Lamina.Runs;

namespace Lamina.Tuning.Tests;

/// <summary>Searches over runs.</summary>
public sealed class RunTunerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_trial_is_a_finished_run_and_others_are_not_tested()
    {
        string data = _folder.WriteImages("data", perClass: 20);
        TuningOptions options = Options(SearchPlan.SuccessiveHalving(3, 1, 2, eta: 2)) with { Keep = 1 };
        var tuner = new RunTuner(Train(data), new SearchSpace([SearchSpace.Parse("lr=1e-5..1e-2:log")]), options);
        RunTuningResult result = tuner.Search(cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([2, 1, 1], result.Trials.Trials.Select(t => t.Epochs));
        Trial best = result.Trials.Best!;
        Assert.Equal(result.Trials.FolderOf(best), result.BestRun);
        Assert.NotNull(result.Run!.Test);
        Assert.NotNull(result.Run.Baselines);
        using var classifier = RunClassifier.Load(result.BestRun!);
        Assert.Equal(classifier.Info.Classes, result.Run.Info.Classes);
        JsonObject record = Record(result.BestRun!);
        Assert.Equal("finished", (string?)record["status"]);
        Assert.Equal((double)best.Values["lr"], (double)record["settings"]!["recipe"]!["optimizer"]!["learning_rate"]!);
        // Test images decide nothing: each trial is validated on images of its own.
        Assert.NotNull(record["data"]!["validation_images"]);
        // The epoch of the second rung came after that of the first: the history has both.
        Assert.Equal(3, File.ReadAllLines(Path.Combine(result.BestRun!, "history.csv")).Length);
        foreach (Trial other in result.Trials.Trials.Skip(1))
        {
            string folder = result.Trials.FolderOf(other);
            Assert.Equal("paused", (string?)Record(folder)["status"]);
            Assert.Null(Record(folder)["result"]);
            Assert.False(Directory.Exists(Path.Combine(folder, "model")), "A discarded trial keeps its weights.");
        }

        // Begun again, it is finished already.
        RunTuningResult again = tuner.Search(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((result.BestRun, result.Trials.ToString()), (again.BestRun, again.Trials.ToString()));
        Assert.Null(again.Run);
    }

    [Theory]
    [InlineData("nope=0..1", "nope=0: recipe: ", "'nope'")]
    [InlineData("optimizer.nope.x=0..1", "optimizer.nope.x=0: ", "the recipe has no 'nope'")]
    [InlineData("dropout=0..2", "dropout=2: the recipe: ", "'dropout'")]
    [InlineData("batch=1..64", "batch=39.934: the recipe: ", "'batch'")]
    [InlineData("batch=0..64", "batch=0: the recipe: ", "'batch'")]
    [InlineData("model=small|lenet", "model=lenet: the recipe: ", "'lenet'")]
    [InlineData("input=16|48", "input=16: ", "too small for small")]
    [InlineData("optimizer=adam|lbfgs", "optimizer=lbfgs: ", "'lbfgs' is not an optimizer")]
    [InlineData("momentum=0..0.9", "momentum=0: ", "momentum")]
    public void Hyperparameters_that_the_recipe_does_not_have_are_refused_before_a_training(
        string spec,
        string start,
        string part
    )
    {
        var tuner = new RunTuner(
            Train("nowhere"),
            new SearchSpace([SearchSpace.Parse(spec)]),
            Options(SearchPlan.Random(2))
        );
        string message = Assert
            .ThrowsAny<LaminaException>(() => tuner.Search(cancellation: TestContext.Current.CancellationToken))
            .Message;
        Assert.StartsWith(start.Replace("recipe: ", "", StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["search"]));
    }

    [Fact]
    public void Values_take_the_place_of_the_recipes_own()
    {
        Recipe recipe = RecipeSpace.Apply(
            Recipe.Get("standard"),
            new Dictionary<string, object>
            {
                ["optimizer"] = "sgd",
                ["momentum"] = 0.5,
                ["lr"] = 0.25,
                ["batch"] = 16,
                ["dropout"] = 0.125,
                ["input"] = 32,
                ["warmup"] = 2.0,
                ["label-smoothing"] = 0.0,
                ["augmentation.random_rotation.degrees"] = 20.0,
                ["augmentation.random_resized_crop.scale.0"] = 0.5,
                ["mixing.probability"] = 0.25,
            }
        );
        Assert.Equal("sgd", (string?)recipe.Optimizer["name"]);
        Assert.Equal((0.25, 0.5), ((double)recipe.Optimizer["learning_rate"]!, (double)recipe.Optimizer["momentum"]!));
        Assert.Equal((16, 0.125, 32, 0.0), (recipe.Batch, recipe.Dropout, recipe.Input, recipe.LabelSmoothing));
        Assert.Equal(2, recipe.Schedule.WarmupEpochs);
        Assert.Equal(20, (double)recipe.Augmentation.First(a => (string?)a["name"] == "random_rotation")["degrees"]!);
        Assert.Equal(
            0.5,
            (double)recipe.Augmentation.First(a => (string?)a["name"] == "random_resized_crop")["scale"]![0]!
        );
        Assert.Equal(0.25, (double)recipe.Mixing!["probability"]!);
    }

    [Fact]
    public void The_standard_space_is_around_the_recipes_values() =>
        Assert.Equal(
            ["lr 0.0001..0.01 log", "weight-decay 0.005..0.5 log", "dropout 0..0.6"],
            RecipeSpace.Standard(Recipe.Get("standard")).Parameters.Select(p => p.ToString())
        );

    private TuningOptions Options(SearchPlan plan) =>
        new()
        {
            Plan = plan,
            Folder = _folder["search"],
            Objective = "val_loss",
        };

    private static TrainOptions Train(string data) =>
        new()
        {
            Data = data,
            ValidationShare = 0.5,
            Recipe = Recipe.Get(TrainOptions.DefaultRecipe) with { Batch = 8, Input = 32, Mixing = null },
            Threads = 1,
        };

    private static JsonObject Record(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!.AsObject();
}
