using Lamina.Data.Tests.Archives;
using SkiaSharp;

namespace Lamina.Data.Tests.Survey;

/// <summary>Duplicates are found although they were rescaled and recompressed, and other images are not.</summary>
public sealed class ImageSurveyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Returns a smooth picture of its own for each seed.</summary>
    private static byte[] Picture(int seed, int width, int height, SKEncodedImageFormat format, int quality = 90)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        double[] f = [.. Enumerable.Range(0, 12).Select(_ => random.NextDouble())];
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double u = (double)x / width;
                double v = (double)y / height;
                bitmap.SetPixel(x, y, new SKColor(Wave(0, u, v), Wave(4, u, v), Wave(8, u, v)));
            }
        }
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();

        byte Wave(int k, double u, double v) =>
            (byte)(
                127
                + (60 * Math.Sin((9 * f[k] * u) + (6 * f[k + 1])))
                + (60 * Math.Cos((9 * f[k + 2] * v) + (6 * f[k + 3])))
            );
    }

    [Fact]
    public void Rescaled_and_recompressed_copies_are_duplicates_and_others_are_not()
    {
        for (int i = 0; i < 60; i++)
        {
            _folder.Write($"train/{(i % 2 == 0 ? "a" : "b")}/{i:D2}.png", Picture(i, 96, 80, SKEncodedImageFormat.Png));
        }
        _folder.Write("train/a/copy.jpg", Picture(4, 96, 80, SKEncodedImageFormat.Jpeg, 60));
        _folder.Write("train/b/other.png", Picture(6, 96, 80, SKEncodedImageFormat.Png));
        _folder.Write("test/a/small.jpg", Picture(9, 48, 40, SKEncodedImageFormat.Jpeg));
        _folder.Write("test/b/broken.jpg", [1, 2, 3]);
        ImageFolder train = ImageFolder.Open(Path.Combine(_folder.Path, "train"));
        ImageFolder test = ImageFolder.Open(Path.Combine(_folder.Path, "test"));
        var survey = ImageSurvey.Of([train, test]);
        Assert.Equal(
            [("04.png copy.jpg", false, false), ("06.png other.png", false, true), ("09.png small.jpg", true, true)],
            survey
                .Duplicates.Select(d =>
                    (string.Join(' ', d.Images.Select(Path.GetFileName)), d.IsAcrossParts, d.HasSeveralLabels)
                )
                .Order()
        );
        Assert.EndsWith("broken.jpg", Assert.Single(survey.Unreadable).Name, StringComparison.Ordinal);
        Assert.Equal((63, 0), (survey.Color, survey.Gray));
        Assert.Equal(((40, 48), (80, 96), (80, 96)), (survey.Smallest, survey.Median, survey.Largest));
    }

    [Fact]
    public void Flat_images_of_different_colors_are_not_duplicates_and_statistics_are_those_of_the_pixels()
    {
        byte[] levels = [0, 100, 200];
        foreach (byte level in levels)
        {
            _folder.Write(
                $"x/{level}.png",
                TempFolder.Encode(5, 4, SKEncodedImageFormat.Png, (_, _) => new SKColor(level, 50, 255))
            );
        }
        var survey = ImageSurvey.Of([ImageFolder.Open(_folder.Path)]);
        Assert.Empty(survey.Duplicates);
        Assert.Equal(100 / 255.0, survey.Mean[0], 1e-12);
        Assert.Equal(Math.Sqrt(20000 / 3.0) / 255, survey.Std[0], 1e-12);
        Assert.Equal((50 / 255.0, 0, 1, 0), (survey.Mean[1], survey.Std[1], survey.Mean[2], survey.Std[2]));
    }

    [Fact]
    public void Thousands_of_equal_images_are_one_group()
    {
        byte[] image = Tars.Png(9, 9);
        string tar = _folder.Write(
            "x.tar",
            Tars.Of(Enumerable.Range(0, 5000).Select(i => ($"c{i % 2}/{i}.png", image)))
        );
        DuplicateGroup group = Assert.Single(ImageSurvey.Of([WebDataset.Open(tar)]).Duplicates);
        Assert.Equal((5000, true), (group.Images.Count, group.HasSeveralLabels));
    }

    [Fact]
    public void A_survey_can_be_cancelled()
    {
        _folder.WriteClasses(2, 3);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            ImageSurvey.Of([ImageFolder.Open(_folder.Path)], cancellation: stop.Token)
        );
    }
}
