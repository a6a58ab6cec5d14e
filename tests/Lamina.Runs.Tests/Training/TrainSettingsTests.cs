using Lamina.Runs.Training;

namespace Lamina.Runs.Tests.Training;

/// <summary>Settings that depend on the data.</summary>
public sealed class TrainSettingsTests
{
    private static readonly TrainSettings s_settings = new(
        new TrainOptions { Recipe = Recipe.Get("standard") with { Images = 60_000 } }
    );

    [Fact]
    public void A_recipe_that_counts_images_has_its_epochs_once_the_data_is_known()
    {
        TrainSettings bound = s_settings.For(3_000);
        Assert.Equal(20, bound.Recipe.Epochs);
        Assert.Null(bound.Recipe.Images);
        Assert.Equal(20, bound.For(100).Recipe.Epochs);
        Assert.Equal(20, TrainSettings.FromRunJson(bound.ToRunJson(threads: 1)).Recipe.Epochs);
    }

    [Fact]
    public void Unfreezing_after_the_last_epoch_is_refused_once_the_data_is_known()
    {
        var transfer = new TransferSettings("w", "sum", null, "w", [], false, 20, 0.1, null);
        TrainSettings settings = s_settings with { Transfer = transfer };
        Assert.Equal(60, settings.For(100).Recipe.Epochs);
        Assert.Equal(
            "unfreeze after 20 epochs: 3000 images are seen in 20 epochs. Use fewer, or set the epochs.",
            Assert.Throws<LaminaException>(() => settings.For(3_000)).Message
        );
    }
}
