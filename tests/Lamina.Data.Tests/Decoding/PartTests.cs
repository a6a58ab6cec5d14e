using System.Text;

namespace Lamina.Data.Tests.Decoding;

/// <summary>Parts of JPEGs (Goldens/make_parts.py) against the same pixels of the whole.</summary>
public class PartTests
{
    private const long MaxPixels = 1_000_000;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Goldens", "parts");

    public static TheoryData<string, int> Files()
    {
        var data = new TheoryData<string, int>();
        foreach (string path in Directory.GetFiles(Folder, "*.jpg").Order())
        {
            data.Add(Path.GetFileName(path), 0);
            data.Add(Path.GetFileName(path), 40);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_parts_pixels_are_those_of_the_whole(string file, int enough)
    {
        string path = Path.Combine(Folder, file);
        var whole = new PixelBuffer();
        byte[] bytes = File.ReadAllBytes(path);
        ImageDecoder.DecodeBySkia(bytes, path, whole, enough, MaxPixels);
        var random = new RandomStream(7, RandomPurpose.User);
        var part = new PixelBuffer();
        int smaller = 0;
        for (int i = 0; i < 60; i++)
        {
            int height = 1 + random.NextInt32(whole.Height);
            int width = 1 + random.NextInt32(whole.Width);
            int top = random.NextInt32(whole.Height - height + 1);
            int left = random.NextInt32(whole.Width - width + 1);
            var size = default(Size2);

            ImageDecoder.DecodeBySkia(
                bytes,
                path,
                part,
                enough,
                MaxPixels,
                s =>
                {
                    size = s;
                    return new PixelRectangle(top, left, height, width);
                }
            );

            Assert.Equal((whole.Whole, whole.Whole), (size, part.Whole));
            smaller += part.Pixels.Length < whole.Pixels.Length ? 1 : 0;
            for (int y = top; y < top + height; y++)
            {
                Assert.True(whole.Row(y, left, width).SequenceEqual(part.Row(y, left, width)), $"row {y} of part {i}");
            }
        }
        Assert.True(smaller > 30);
    }

    [Fact]
    public void Truncation_is_found_out_by_any_part()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "420.jpg"));
        foreach (int top in (int[])[0, 40, 80])
        {
            DataException e = Assert.Throws<DataException>(() =>
                ImageDecoder.Decode(
                    bytes.AsSpan(0, bytes.Length * 9 / 10),
                    "photo",
                    new PixelBuffer(),
                    default,
                    MaxPixels,
                    _ => new PixelRectangle(top, 20, 10, 30)
                )
            );
            Assert.Equal("photo: is truncated: the file ends before the image does.", e.Message);
        }
    }

    [Fact]
    public void A_photo_is_prepared_as_Pillow_does_it()
    {
        byte[] golden = File.ReadAllBytes(Path.Combine(Folder, "prepared.ppm"));
        Assert.StartsWith("P6\n112 112\n255\n", Encoding.ASCII.GetString(golden, 0, 20));
        ReadOnlySpan<byte> expected = golden.AsSpan(golden.Length - (112 * 112 * 3));
        using var folder = new TempFolder();
        folder.Write("a/photo.jpg", File.ReadAllBytes(Path.Combine(Folder, "photo.jpg")));
        var loader = new DataLoader(
            ImageFolder.Open(folder.Path),
            new Preprocessing
            {
                Height = 112,
                Width = 112,
                ShortSide = 128,
                Scale = 1,
            }
        );

        ReadOnlySpan<float> actual = Assert.Single(loader.Batches(0)).Inputs[0].Values;

        double squares = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            squares += Math.Pow(Math.Round(actual[i]) - expected[i], 2);
        }
        double psnr = 10 * Math.Log10(255 * 255 / Math.Max(squares / actual.Length, 1e-9));
        Assert.True(psnr > 45, $"{psnr:f1} dB");
    }
}
