using System.Text.Json.Nodes;

namespace Lamina.Data.Tests.Statistics;

/// <summary>Statistics against numpy (Goldens/make_statistics.py) and closed forms.</summary>
public class DatasetStatisticsTests
{
    private static readonly Preprocessing s_small = new() { Height = 4, Width = 5 };

    [Fact]
    public void All_is_numpys()
    {
        JsonNode golden = JsonNode.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", "statistics.json"))
        )!;
        byte[][] pictures = [.. golden["pictures"]!.AsArray().Select(p => Doubles(p!).Select(v => (byte)v).ToArray())];
        var images = new Pictures(pictures.Length, 4, 5, 3, (i, y, x, c) => pictures[i][(((y * 5) + x) * 3) + c]);

        var actual = DatasetStatistics.Compute(images, s_small);

        Assert.Equal(pictures.Length, actual.Images);
        Equal(golden["mean"]!, actual.Mean, 1e-7);
        Equal(golden["std"]!, actual.Std, 1e-7);
        Equal(golden["image"]!, [.. actual.MeanImage.Values.ToArray().Select(v => (double)v)], 1e-6);
        Equal(golden["deviations"]!, actual.Components.Deviations, 1e-5);
        for (int i = 0; i < 3; i++)
        {
            double[] expected = Doubles(golden["vectors"]![i]!);
            double sign = Math.Sign(expected.Zip(actual.Components.Vectors[i], (a, b) => a * b).Sum());
            Assert.Equal(
                expected.Select(v => Math.Round(v * sign, 6)),
                actual.Components.Vectors[i].Select(v => Math.Round(v, 6))
            );
            Assert.True(actual.Components.Vectors[i].MaxBy(Math.Abs) > 0);
        }
    }

    [Fact]
    public void The_same_to_the_bit_for_any_number_of_workers()
    {
        // More than two blocks of images, so that several workers have some.
        Pictures images = Pictures.Noise(200, 9, 7);
        DatasetStatistics first = DatasetStatistics.Compute(images, s_small, workers: 1);
        foreach (int workers in (int[])[2, 3, 8])
        {
            DatasetStatistics other = DatasetStatistics.Compute(images, s_small, workers: workers);
            Assert.Equal(first.Mean, other.Mean);
            Assert.Equal(first.Std, other.Std);
            Assert.Equal(first.Components, other.Components);
            Assert.Equal(first.MeanImage, other.MeanImage);
        }
    }

    [Fact]
    public void Grey_images_have_one_component_and_a_short_side_makes_the_mean_square()
    {
        Pictures images = new(10, 6, 9, 1, (i, _, _, _) => (byte)(i < 5 ? 50 : 150));
        var preprocessing = new Preprocessing
        {
            Height = 2,
            Width = 3,
            Channels = 1,
            ShortSide = 4,
            Scale = 0.1,
            Mean = [9],
            Std = [7],
        };
        DatasetStatistics statistics = DatasetStatistics.Compute(images, preprocessing);
        Assert.Equal(10, statistics.Mean[0], 1e-6);
        Assert.Equal(5, statistics.Std[0], 1e-6);
        Assert.Equal(25, statistics.Covariance[0][0], 1e-5);
        Assert.Equal(50, statistics.Components.Deviations[0], 1e-5);
        Assert.Equal([1], statistics.Components.Vectors[0]);
        Assert.Equal("4×4×1", statistics.MeanImage.ToString());
        Assert.All(statistics.MeanImage.Values.ToArray(), v => Assert.Equal(10, v, 1e-5f));
        (preprocessing with { MeanImage = statistics.MeanImage }).Validate();
    }

    [Fact]
    public void Grey_in_three_channels_varies_along_grey_alone()
    {
        Pictures images = new(4, 4, 5, 1, (i, y, x, _) => (byte)((i * 60) + (y * 5) + x));
        ColorComponents components = DatasetStatistics.Compute(images, s_small).Components;
        Assert.Equal([0, 0], components.Deviations.Skip(1).Select(d => Math.Round(d, 4)));
        Assert.All(components.Vectors[0], v => Assert.Equal(Math.Sqrt(1 / 3.0), v, 1e-9));
    }

    [Fact]
    public void What_cannot_be_read_is_left_out_and_named()
    {
        var images = new Numbers([0, 0, 0], i => i == 1 ? new DataException("one", "is bad.") : null);
        DatasetStatistics statistics = DatasetStatistics.Compute(images, Numbers.Pixel);
        Assert.Equal(2, statistics.Images);
        Assert.Equal("one", Assert.Single(statistics.Skipped).Name);
        Assert.Equal(1, statistics.Mean[0], 1e-9);
        var none = new Numbers([0], _ => new DataException("one", "is bad."));
        Assert.Equal(
            "one: is bad. None of the 1 images can be read.",
            Assert.Throws<DataException>(() => DatasetStatistics.Compute(none, Numbers.Pixel)).Message
        );
        var broken = new Numbers(new int[300], i => i == 100 ? new InvalidOperationException("odd") : null);
        Assert.Throws<InvalidOperationException>(() => DatasetStatistics.Compute(broken, Numbers.Pixel, workers: 3));
    }

    [Fact]
    public void Progress_counts_up_and_a_pass_can_be_ended()
    {
        var seen = new List<int>();
        DatasetStatistics.Compute(new Numbers(new int[150]), Numbers.Pixel, new Report(seen.Add), workers: 2);
        Assert.Equal([64, 128, 150], seen);
        using var ended = new CancellationTokenSource();
        ended.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            DatasetStatistics.Compute(new Numbers(new int[9]), Numbers.Pixel, cancellation: ended.Token)
        );
    }

    private static void Equal(JsonNode expected, IReadOnlyList<double> actual, double tolerance)
    {
        double[] values = Doubles(expected);
        Assert.Equal(values.Length, actual.Count);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(values[i], actual[i], tolerance);
        }
    }

    private static double[] Doubles(JsonNode json) => [.. json.AsArray().Select(v => (double)v!)];

    private sealed class Report(Action<int> action) : IProgress<int>
    {
        void IProgress<int>.Report(int value) => action(value);
    }
}
