using System.Globalization;
using System.Runtime.InteropServices;

namespace Lamina.Data.Tests.Resizing;

/// <summary>The resize against Pillow's BILINEAR in floats (Goldens/make_resize.py).</summary>
public class ResizerTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Goldens", "resize");

    public static TheoryData<string> Cases() => [.. File.ReadLines(Path.Combine(Folder, "resize.txt"))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_are_Pillows(string line)
    {
        (PixelBuffer image, SampleWindow window, Size2 size, float[] expected) = Read(line);
        float[] actual = Resize(image, window, size, image.Channels);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-3f);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_mirrored_window_gives_the_mirror_image(string line)
    {
        (PixelBuffer image, SampleWindow window, Size2 size, _) = Read(line);
        float[] plain = Resize(image, window, size, image.Channels);
        float[] mirrored = Resize(image, window with { Mirrored = true }, size, image.Channels);
        for (int y = 0; y < size.Height; y++)
        {
            for (int x = 0; x < size.Width; x++)
            {
                for (int c = 0; c < image.Channels; c++)
                {
                    int from = (((y * size.Width) + x) * image.Channels) + c;
                    int to = (((y * size.Width) + size.Width - 1 - x) * image.Channels) + c;
                    Assert.Equal(plain[from], mirrored[to]);
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(4, 3, 2)]
    [InlineData(17, 5, 8)]
    [InlineData(31, 2, 7)]
    public void A_window_that_keeps_its_size_is_copied(int width, int top, int left)
    {
        var image = new PixelBuffer();
        image.Resize(12, 40, 3);
        var random = new RandomStream(5, RandomPurpose.User);
        foreach (ref byte value in image.Pixels)
        {
            value = (byte)random.NextInt32(256);
        }
        float[] scales = [0.5f, 2, 1 / 3f];
        float[] offsets = [1, -7, 0.25f];
        var size = new Size2(6, width);
        var output = new float[6 * width * 3];
        foreach (bool mirrored in (bool[])[false, true])
        {
            var window = new SampleWindow(top, left, 6, width) { Mirrored = mirrored };
            new Resizer().Resize(image, window, size, new Affine(width, scales, offsets), output);
            for (int i = 0; i < output.Length; i++)
            {
                (int y, int x, int c) = (i / 3 / width, i / 3 % width, i % 3);
                int column = left + (mirrored ? width - 1 - x : x);
                Assert.Equal((image.Pixels[(((top + y) * 40) + column) * 3 + c] * scales[c]) + offsets[c], output[i]);
            }
        }
    }

    [Fact]
    public void Outside_the_image_is_black()
    {
        PixelBuffer image = Flat(4, 4, 200);
        float[] right = Resize(image, new SampleWindow(0, 2, 4, 4), 4, 1);
        Assert.Equal(Enumerable.Repeat<float[]>([200, 200, 0, 0], 4).SelectMany(r => r), right);
        float[] above = Resize(image, new SampleWindow(-3, 0, 4, 4), 4, 1);
        Assert.Equal([.. Enumerable.Repeat(0f, 12), .. Enumerable.Repeat(200f, 4)], above);
        Assert.All(Resize(image, new SampleWindow(100, 100, 4, 4), 4, 1), v => Assert.Equal(0, v));
        Assert.All(Resize(image, new SampleWindow(-100, -100, 4, 4), 4, 3), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Grey_is_repeated_and_each_channel_scaled_by_its_own_factors()
    {
        var output = new float[2 * 5 * 3];
        var affine = new Affine(5, [0.5f, 2, 1], [1, -1, 0]);
        new Resizer().Resize(Flat(3, 3, 10), new SampleWindow(0, 0, 3, 3), (2, 5), affine, output);
        Assert.Equal(Enumerable.Repeat<float[]>([6, 19, 10], 10).SelectMany(p => p), output);
    }

    private static PixelBuffer Flat(int height, int width, byte value)
    {
        var image = new PixelBuffer();
        image.Resize(height, width, 1);
        image.Pixels.Fill(value);
        return image;
    }

    private static float[] Resize(PixelBuffer image, SampleWindow window, Size2 size, int channels)
    {
        var output = new float[size.Height * size.Width * channels];
        float[] ones = [.. Enumerable.Repeat(1f, channels)];
        new Resizer().Resize(image, window, size, new Affine(size.Width, ones, new float[channels]), output);
        return output;
    }

    private static (PixelBuffer Image, SampleWindow Window, Size2 Size, float[] Expected) Read(string line)
    {
        string[] parts = line.Split(' ');
        double[] n = [.. parts.Skip(1).Select(p => double.Parse(p, CultureInfo.InvariantCulture))];
        var image = new PixelBuffer();
        image.Resize((int)n[0], (int)n[1], (int)n[2]);
        File.ReadAllBytes(Path.Combine(Folder, parts[0] + ".src")).CopyTo(image.Pixels);
        byte[] expected = File.ReadAllBytes(Path.Combine(Folder, parts[0] + ".dst"));
        return (
            image,
            new SampleWindow(n[4], n[3], n[6] - n[4], n[5] - n[3]),
            new Size2((int)n[7], (int)n[8]),
            MemoryMarshal.Cast<byte, float>(expected).ToArray()
        );
    }
}
