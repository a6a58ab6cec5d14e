namespace Lamina.Data.Tests.Preparation;

public class AugmentationTests
{
    [Fact]
    public void A_shift_is_padding_and_cropping_by_whole_pixels()
    {
        var seen = new HashSet<(int, int)>();
        for (int i = 0; i < 2000; i++)
        {
            var random = new RandomStream(3, RandomPurpose.Augmentation, 0, i);
            var window = new SampleWindow(0, 0, 28, 28);
            new RandomShift(0.125).ChooseWindow(ref window, new SampleFrame(28, 28, 28, (16, 8)), ref random);
            // 16 rows shift by up to 2 of 28/16 each, 8 columns by up to 1 of 28/8.
            seen.Add(((int)Math.Round(window.Top / 1.75 * 1000), (int)Math.Round(window.Left / 3.5 * 1000)));
        }
        var all = from y in Enumerable.Range(-2, 5) from x in Enumerable.Range(-1, 3) select (y * 1000, x * 1000);
        Assert.Equal(all.Order(), seen.Order());
    }

    [Fact]
    public void Flips_come_as_often_as_asked()
    {
        int flips = 0;
        for (int i = 0; i < 4000; i++)
        {
            var random = new RandomStream(5, RandomPurpose.Augmentation, 1, i);
            var window = new SampleWindow(0, 0, 1, 1);
            new RandomFlip(0.25).ChooseWindow(ref window, new SampleFrame(1, 1, 1, 1), ref random);
            flips += window.Mirrored ? 1 : 0;
        }
        // Five standard deviations.
        Assert.InRange(flips, 863, 1137);
    }
}
