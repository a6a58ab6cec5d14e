namespace Lamina.Data.Tests.Decoding;

/// <summary>Decoded pixels against Pillow's (Goldens/make_formats.py).</summary>
public class FormatTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Goldens", "formats");

    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(Folder, "*.ppm").Select(p => Path.GetFileNameWithoutExtension(p)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Pixels_are_those_that_Pillow_reads(string file)
    {
        (int height, int width, byte[] expected) = ReadPpm(Path.Combine(Folder, file + ".ppm"));
        var pixels = new PixelBuffer();

        Images.Decode(Path.Combine(Folder, file), pixels);

        Assert.Equal((height, width), (pixels.Height, pixels.Width));
        // Lossless formats agree exactly; JPEG decoders may round differently.
        int tolerance = file.EndsWith(".jpg", StringComparison.Ordinal) ? 3 : 0;
        for (int i = 0; i < expected.Length; i++)
        {
            byte actual = pixels.Pixels[pixels.Channels == 3 ? i : i / 3];
            Assert.True(
                Math.Abs(actual - expected[i]) <= tolerance,
                $"value {i} (row {i / 3 / width}, column {i / 3 % width}): {actual}, Pillow has {expected[i]}"
            );
        }
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    public void There_are_goldens_for_every_orientation(string ending) =>
        Assert.Equal(
            8,
            Files()
                .Count(f =>
                    f.Data.StartsWith("orientation_", StringComparison.Ordinal)
                    && f.Data.EndsWith(ending, StringComparison.Ordinal)
                )
        );

    private static (int Height, int Width, byte[] Pixels) ReadPpm(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        string[] header = System.Text.Encoding.ASCII.GetString(bytes, 0, 20).Split([' ', '\n'], 5);
        Assert.Equal(("P6", "255"), (header[0], header[3]));
        int width = int.Parse(header[1]);
        int height = int.Parse(header[2]);
        return (height, width, bytes[^(width * height * 3)..]);
    }
}
