using Lamina.Runs.Training;

namespace Lamina.Runs.Tests.Training;

/// <summary>What recipes come to: schedules in updates, preprocessing, accumulation.</summary>
public sealed class RecipeBindingTests
{
    private const int Images = 1000;

    [Theory]
    [InlineData("standard")]
    [InlineData("tutorial")]
    [InlineData("modern")]
    [InlineData("paper")]
    [InlineData("caffe")]
    [InlineData("torchvision")]
    [InlineData("d2l")]
    [InlineData("lars")]
    public void Every_recipe_that_comes_along_can_be_used(string name)
    {
        var binding = new RecipeBinding(Recipe.Get(name));
        Assert.True(binding.NewOptimizer(Images).LearningRate > 0);
        Assert.NotNull(binding.NewCallbacks());
    }

    [Fact]
    public void Cosine_rises_and_falls_with_the_epochs()
    {
        // 16 updates an epoch; half an epoch of rise, then half a cosine over what is left of 4 epochs.
        Recipe recipe = Recipe.Get("tutorial") with
        {
            Epochs = 4,
        };
        LearningRateSchedule schedule = new RecipeBinding(recipe).NewOptimizer(Images).Schedule!;
        Assert.Equal(0.02 * 1 / 8, schedule.At(0), 12);
        Assert.Equal(0.02, schedule.At(8), 12);
        Assert.Equal(0.01, schedule.At(8 + (56 / 2)), 12);
        Assert.Equal(0, schedule.At(64), 12);
    }

    [Fact]
    public void Steps_fall_at_their_epochs()
    {
        // 1000 images in batches of 256: 4 updates an epoch; a tenth after 20 and 40 epochs.
        LearningRateSchedule schedule = new RecipeBinding(Recipe.Get("caffe")).NewOptimizer(Images).Schedule!;
        Assert.Equal(
            [0.01, 0.01, 0.001, 0.0001],
            ((long[])[0, 79, 80, 160]).Select(schedule.At),
            (a, b) => Math.Abs(a - b) < 1e-12
        );
    }

    [Fact]
    public void Micro_batches_make_one_update_and_schedules_count_updates()
    {
        Recipe recipe = Recipe.Get("lars") with { Epochs = 10, Schedule = new RecipeSchedule("polynomial") };
        Optimizer optimizer = new RecipeBinding(recipe).NewOptimizer(81_920);
        Assert.Equal(64, optimizer.GradientAccumulationSteps);
        // 10 updates an epoch, 100 in all: at half of them (1 − 0.5)² of the rate.
        Assert.Equal(2.5, optimizer.Schedule!.At(50), 12);
    }

    [Fact]
    public void A_plateau_has_no_schedule_but_a_callback()
    {
        var binding = new RecipeBinding(Recipe.Get("paper"));
        Assert.Null(binding.NewOptimizer(Images).Schedule);
        Assert.IsType<ReduceLROnPlateau>(Assert.Single(binding.NewCallbacks()));
    }

    [Fact]
    public void Means_are_given_or_of_the_training_set()
    {
        Recipe recipe = Recipe.Get("torchvision") with { Input = 96 };
        var binding = new RecipeBinding(recipe);
        Assert.False(binding.NeedsStatistics);
        var plain = new Preprocessing { Height = 96, Width = 96 };
        Assert.Equal([0.485, 0.456, 0.406], binding.Preprocessing(plain, null).Mean);
        Assert.Equal([0.229, 0.224, 0.225], binding.Preprocessing(plain, null).Std);
        Preprocessing grey = binding.Preprocessing(plain with { Channels = 1 }, null);
        Assert.Equal((0.485 + 0.456 + 0.406) / 3, Assert.Single(grey.Mean), 12);
        Assert.True(new RecipeBinding(Recipe.Get("paper")).NeedsStatistics);
    }

    [Fact]
    public void An_initializer_replaces_those_of_the_model()
    {
        Recipe recipe = Recipe.Get("paper") with { Input = 67, Initializer = "he_normal" };
        Model model = new RecipeBinding(recipe).NewModel(classes: 3);
        Weight[] dense = [.. model.Layers.OfType<Dense>().First().Weights];
        float[] kernel = dense[0].GetValues();
        double deviation = Math.Sqrt(kernel.Average(v => (double)v * v));
        // 1×1×256 features: √(2 / 256), not the paper's 0.01.
        Assert.Equal(Math.Sqrt(2.0 / 256), deviation, 0.003);
        Assert.All(dense[1].GetValues(), v => Assert.Equal(0, v));
    }
}
