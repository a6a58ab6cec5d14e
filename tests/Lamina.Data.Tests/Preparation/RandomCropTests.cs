namespace Lamina.Data.Tests.Preparation;

public class RandomCropTests
{
    private static readonly Preprocessing s_six = new()
    {
        Height = 6,
        Width = 6,
        Channels = 1,
        ShortSide = 8,
        Scale = 1,
    };

    [Fact]
    public void A_crop_is_a_piece_of_the_image_and_every_place_comes_as_often()
    {
        Dictionary<(int Top, int Left, bool Mirrored), int> seen = Seen(Pictures.Places(900, 8, 8), new RandomCrop());
        Assert.Equal(18, seen.Count);
        Assert.All(seen.Keys, k => Assert.True(k.Top is >= 0 and <= 2 && k.Left is >= 0 and <= 2));
        // 50 expected of each, five standard deviations.
        Assert.All(seen.Values, n => Assert.InRange(n, 15, 85));
    }

    [Fact]
    public void Of_a_wide_image_the_centre_square_is_used_or_the_whole()
    {
        Assert.Equal(
            [2, 3, 4],
            Seen(Pictures.Places(300, 8, 12), new RandomCrop()).Keys.Select(k => k.Left).Distinct().Order()
        );
        Assert.Equal(
            [0, 1, 2, 3, 4, 5, 6],
            Seen(Pictures.Places(300, 8, 12), new RandomCrop(WholeImage: true))
                .Keys.Select(k => k.Left)
                .Distinct()
                .Order()
        );
    }

    [Fact]
    public void A_crop_needs_room()
    {
        string Message(Preprocessing preprocessing) =>
            Assert
                .Throws<ConfigException>(() =>
                    new DataLoader(
                        Pictures.Places(1, 8, 8),
                        preprocessing,
                        new DataLoaderOptions { Augmentations = [new RandomCrop()] }
                    )
                )
                .Message;
        Assert.Contains(
            "RandomCrop: requires an image larger than the input. Set",
            Message(s_six with { ShortSide = null })
        );
        Assert.Contains("ShortSide", Message(s_six with { Resize = ResizeMode.Stretch }));
    }

    /// <summary>How often each crop came, checked pixel for pixel.</summary>
    private static Dictionary<(int Top, int Left, bool Mirrored), int> Seen(LabeledImages images, RandomCrop crop)
    {
        var seen = new Dictionary<(int, int, bool), int>();
        var options = new DataLoaderOptions { BatchSize = images.Count, Augmentations = [crop, new RandomFlip()] };
        NDArray batch = new DataLoader(images, s_six, options).Batches(3).Single().Inputs[0];
        for (int i = 0; i < batch.Count; i++)
        {
            bool mirrored = batch[i, 0, 0, 0] > batch[i, 0, 5, 0];
            var corner = (int)Math.Round(batch[i, 0, mirrored ? 5 : 0, 0]);
            (int top, int left) = (corner / 16, corner % 16);
            for (int y = 0; y < 6; y++)
            {
                for (int x = 0; x < 6; x++)
                {
                    int at = mirrored ? 5 - x : x;
                    Assert.Equal((16 * (top + y)) + left + at, batch[i, y, x, 0], 1e-4f);
                }
            }
            seen[(top, left, mirrored)] = seen.GetValueOrDefault((top, left, mirrored)) + 1;
        }
        return seen;
    }
}
