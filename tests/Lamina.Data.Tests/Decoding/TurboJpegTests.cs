using SkiaSharp;

namespace Lamina.Data.Tests.Decoding;

/// <summary>The system's TurboJPEG library against Skia's codec. Skipped where there is no library.</summary>
public sealed class TurboJpegTests
{
    private const long MaxPixels = 1_000_000;
    private const string NoLibrary = "there is no TurboJPEG library (libturbojpeg0)";

    private static readonly string s_goldens = Path.Combine(AppContext.BaseDirectory, "Goldens");
    private readonly PixelBuffer _turbo = new();
    private readonly PixelBuffer _skia = new();

    public static bool IsMissing => TurboLibrary.Current is null;

    [Fact(Skip = NoLibrary, SkipWhen = nameof(IsMissing))]
    public void Pixels_equal_Skias_for_all_samplings_scales_and_orientations()
    {
        string[] files = [.. Directory.GetFiles(s_goldens, "*.jp*g", SearchOption.AllDirectories)];
        Assert.True(files.Length > 10, $"{files.Length} files");
        int decoded = 0;
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            foreach (int enough in (int[])[0, 10, 25, 40, 100])
            {
                decoded += AreEqual(bytes, enough, file) ? 1 : 0;
            }
        }
        Assert.True(decoded > files.Length * 4, $"{decoded} of {files.Length * 5}");
    }

    [Fact(Skip = NoLibrary, SkipWhen = nameof(IsMissing))]
    public void Pixels_equal_Skias_at_all_small_sizes()
    {
        for (int height = 1; height <= 20; height++)
        {
            for (int width = 1; width <= 20; width++)
            {
                byte[] file = Jpeg(height, width, (SKJpegEncoderDownsample)((height + width) % 3));
                foreach (int enough in (int[])[0, 1, 2, 3, 5])
                {
                    Assert.True(AreEqual(file, enough, $"{height}×{width} for {enough}"));
                }
            }
        }
    }

    [Fact(Skip = NoLibrary, SkipWhen = nameof(IsMissing))]
    public void Damaged_and_truncated_files_end_as_without_the_library()
    {
        byte[] sample = Jpeg(60, 90, SKJpegEncoderDownsample.Downsample420);
        for (int mutant = 0; mutant < 1500; mutant++)
        {
            var random = new RandomStream(mutant, RandomPurpose.User);
            byte[] file = [.. sample];
            for (int change = random.NextInt32(4); change >= 0; change--)
            {
                // Often in the header.
                int end = random.NextInt32(2) == 0 ? file.Length : Math.Min(file.Length, 700);
                file[random.NextInt32(end)] = (byte)random.NextInt32(256);
            }
            file = random.NextInt32(3) == 0 ? file[..random.NextInt32(file.Length)] : file;
            int enough = random.NextInt32(2) * 20;
            string? expected = Failure(() => ImageDecoder.DecodeBySkia(file, "x", _skia, enough, MaxPixels));
            string? actual = Failure(() => ImageDecoder.Decode(file, "x", _turbo, enough, MaxPixels));
            if (file.Length > 0)
            {
                Assert.Equal(expected, actual);
            }
            if (expected is null && actual is null)
            {
                Assert.True(_turbo.Pixels.SequenceEqual(_skia.Pixels), $"mutant {mutant}");
            }
        }
    }

    [Fact(Skip = NoLibrary, SkipWhen = nameof(IsMissing))]
    public void Sizes_beyond_the_limit_are_refused()
    {
        byte[] file = Jpeg(60, 90, SKJpegEncoderDownsample.Downsample444);
        Assert.False(TurboJpeg.TryDecode(TurboLibrary.Current!, file, _turbo, default, 60 * 90 - 1));
        Assert.Empty(_turbo.Storage(0));
        Assert.True(TurboJpeg.TryDecode(TurboLibrary.Current!, file, _turbo, default, 60 * 90));
    }

    /// <summary>Returns <see langword="true"/> if the library decodes a file; fails if its pixels differ from Skia's.</summary>
    private bool AreEqual(byte[] file, Size2 enough, string name)
    {
        if (!TurboJpeg.TryDecode(TurboLibrary.Current!, file, _turbo, enough, MaxPixels))
        {
            return false;
        }
        ImageDecoder.DecodeBySkia(file, name, _skia, enough, MaxPixels);
        Assert.Equal((_skia.Height, _skia.Width, _skia.Channels), (_turbo.Height, _turbo.Width, _turbo.Channels));
        Assert.True(_turbo.Pixels.SequenceEqual(_skia.Pixels), name);
        return true;
    }

    private static string? Failure(Action decode)
    {
        try
        {
            decode();
            return null;
        }
        catch (DataException e)
        {
            return e.Message;
        }
    }

    private static byte[] Jpeg(int height, int width, SKJpegEncoderDownsample sampling)
    {
        var random = new RandomStream((height * 1000) + width, RandomPurpose.User);
        var colors = new SKColor[height * width];
        foreach (ref SKColor color in colors.AsSpan())
        {
            color = new SKColor((uint)random.NextInt32(1 << 24) | 0xFF000000);
        }
        using var bitmap = new SKBitmap(width, height) { Pixels = colors };
        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKJpegEncoderOptions(85, sampling, SKJpegEncoderAlphaOption.Ignore))!;
        return data.ToArray();
    }
}
