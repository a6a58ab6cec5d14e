namespace Lamina.Data.Tests.Preparation;

public class PreprocessingTests
{
    private static readonly string Goldens = Path.Combine(AppContext.BaseDirectory, "Goldens", "resize");

    [Fact]
    public void Values_are_scaled_and_normalised_per_channel()
    {
        var options = new Preprocessing
        {
            Height = 1,
            Width = 1,
            Mean = [0.5, 0.25, 0],
            Std = [0.5, 0.25, 2],
        };
        NDArray array = Images.Prepare(Colour(1, 1, 255, 51, 102), options);
        Assert.Equal(Shape.Of(1, 1, 1, 3), array.Shape);
        Assert.Equal(1f, array.Values[0], 1e-6f);
        Assert.Equal(-0.2f, array.Values[1], 1e-6f);
        Assert.Equal(0.2f, array.Values[2], 1e-6f);
    }

    [Fact]
    public void Colour_becomes_grey_as_Pillow_makes_it()
    {
        // Image.new("RGB", (1, 1), (10, 200, 90)).convert("L") is 131.
        var grey = new Preprocessing
        {
            Height = 1,
            Width = 1,
            Channels = 1,
            Scale = 1,
        };
        Assert.Equal(131, Images.Prepare(Colour(1, 1, 10, 200, 90), grey)[0, 0, 0, 0]);
    }

    public static TheoryData<string> Crops() => [.. File.ReadLines(Path.Combine(Goldens, "crop.txt"))];

    [Theory]
    [MemberData(nameof(Crops))]
    public void The_centre_is_cut_out_as_torchvision_does(string line)
    {
        string[] parts = line.Split(' ');
        int[] n = [.. parts.Skip(1).Select(int.Parse)];
        var image = new PixelBuffer();
        image.Resize(n[0], n[1], n[2]);
        File.ReadAllBytes(Path.Combine(Goldens, parts[0] + ".src")).CopyTo(image.Pixels);
        float[] expected = System
            .Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
                File.ReadAllBytes(Path.Combine(Goldens, parts[0] + ".dst"))
            )
            .ToArray();

        var options = new Preprocessing
        {
            Height = n[4],
            Width = n[5],
            Channels = n[2],
            ShortSide = n[3],
            Scale = 1,
        };
        NDArray actual = Images.Prepare(image, options);

        Assert.Equal(expected.Length, actual.Values.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual.Values[i], 1e-3f);
        }
    }

    [Fact]
    public void Without_a_short_side_the_input_is_just_covered()
    {
        Assert.Equal(new SampleWindow(0, 0, 28, 28), new Preprocessing().FrameOf(new Size2(28, 28)).MiddleWindow);
        // 10×20 into 40×40: resized to 40×80, of which columns 20 to 60 are taken.
        Assert.Equal(
            new SampleWindow(0, 5, 10, 10),
            new Preprocessing { Height = 40, Width = 40 }
                .FrameOf(new Size2(10, 20))
                .MiddleWindow
        );
        Assert.Equal(
            new SampleWindow(5, 0, 10, 10),
            new Preprocessing { Height = 40, Width = 40 }
                .FrameOf(new Size2(20, 10))
                .MiddleWindow
        );
    }

    [Fact]
    public void A_window_never_reaches_outside_the_image() =>
        CsCheck.Check.Sample(
            CsCheck
                .Gen.Select(
                    CsCheck.Gen.Int[1, 700],
                    CsCheck.Gen.Int[1, 700],
                    CsCheck.Gen.Int[1, 300],
                    CsCheck.Gen.Int[1, 300],
                    CsCheck.Gen.Int[0, 40]
                )
                .Fixed(),
            (h, w, toH, toW, more) =>
            {
                int? side = more == 0 ? null : Math.Max(toH, toW) + more;
                SampleWindow window = new Preprocessing
                {
                    Height = toH,
                    Width = toW,
                    ShortSide = side,
                }
                    .FrameOf(new Size2(h, w))
                    .MiddleWindow;
                Assert.InRange(window.Top, 0, h);
                Assert.InRange(window.Left, 0, w);
                Assert.InRange(window.Top + window.Height, 0, h + 1e-9);
                Assert.InRange(window.Left + window.Width, 0, w + 1e-9);
                Assert.True(window.Height > 0 && window.Width > 0);
            }
        );

    [Fact]
    public void Json_keeps_everything()
    {
        var options = new Preprocessing
        {
            Height = 64,
            Width = 96,
            Channels = 3,
            Resize = ResizeMode.CenterCrop,
            ShortSide = 100,
            Scale = 0.5,
            Mean = [1, 2, 3],
            Std = [4, 5, 6],
        };
        Assert.Equal(options, Preprocessing.FromJson(options.ToJson()));
        Assert.NotEqual(options, Preprocessing.FromJson(options.ToJson()) with { Mean = [1, 2, 4] });
        Assert.Contains("\"resize\": \"CenterCrop\"", options.ToJson());
    }

    [Fact]
    public void Json_keeps_its_form()
    {
        var options = new Preprocessing
        {
            Height = 64,
            ChannelOrder = ChannelOrder.Bgr,
            Resize = ResizeMode.StretchCrop,
            ShortSide = 256,
            Interpolation = Interpolation.Lanczos,
            Mean = [1, 2.5, 3],
        };
        string text = """
            {
              "height": 64,
              "width": 224,
              "channels": 3,
              "channelOrder": "Bgr",
              "resize": "StretchCrop",
              "shortSide": 256,
              "interpolation": "Lanczos",
              "scale": 0.00392156862745098,
              "mean": [
                1,
                2.5,
                3
              ],
              "std": [
                1
              ]
            }
            """;
        Assert.Equal(text, options.ToJson());
        Assert.Equal(options, Preprocessing.FromJson(text));
        // Names in any case, and numbers, as in files of earlier versions.
        Assert.Equal(
            options,
            Preprocessing.FromJson(text.Replace("\"Bgr\"", "1").Replace("StretchCrop", "stretchcrop"))
        );
    }

    [Fact]
    public void What_json_leaves_out_has_its_default()
    {
        var standard = new Preprocessing();
        Assert.Equal(standard, Preprocessing.FromJson("{}"));
        Assert.Equal(standard with { Height = 64 }, Preprocessing.FromJson("""{ "height": 64 }"""));
        Assert.Equal(
            standard with
            {
                Mean = [0.5],
                Resize = ResizeMode.Stretch,
            },
            Preprocessing.FromJson("""{ "mean": [0.5], "resize": "Stretch", "shortSide": null }""")
        );
    }

    [Theory]
    [InlineData("""{ "height": 64, "height": 65 }""")]
    [InlineData("[]")]
    [InlineData("{ some words")]
    [InlineData("""{ "hight": 64 }""")]
    [InlineData("""{ "height": "64" }""")]
    [InlineData("""{ "height": null }""")]
    [InlineData("""{ "height": 1e300 }""")]
    [InlineData("""{ "mean": [1, "x"] }""")]
    [InlineData("""{ "resize": "Shrink" }""")]
    [InlineData("""{ "meanImage": { "shape": 1 } }""")]
    [InlineData("""{ "resize": "\ud800" }""")]
    [InlineData("""{ "height": 0 }""")]
    [InlineData("""{ "channels": 2 }""")]
    [InlineData("""{ "shortSide": 100 }""")]
    [InlineData("""{ "std": [0] }""")]
    [InlineData("""{ "std": [1, 1] }""")]
    [InlineData("""{ "mean": null }""")]
    [InlineData("""{ "heigth": 64 }""")]
    [InlineData("""{ "resize": "Fit" }""")]
    [InlineData("{")]
    [InlineData("null")]
    public void Json_out_of_range_is_refused(string json)
    {
        string message = Assert.Throws<ConfigException>(() => Preprocessing.FromJson(json)).Message;
        Assert.StartsWith("Preprocessing: ", message);
        Assert.DoesNotContain("System.", message);
        Assert.DoesNotContain("LineNumber", message);
        Assert.DoesNotContain("Lamina.", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_its_bytes_and_a_stream_give_the_same()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Goldens", "formats", "orientation_6.jpg");
        var options = new Preprocessing { Height = 20, Width = 12 };
        byte[] bytes = File.ReadAllBytes(path);
        NDArray fromFile = Images.Load(path, options);
        Assert.Equal(fromFile.Values, Images.Load(bytes, options).Values);
        using var stream = new MemoryStream(bytes);
        Assert.Equal(fromFile.Values, Images.Load(stream, options).Values);
    }

    private static PixelBuffer Colour(int height, int width, byte red, byte green, byte blue)
    {
        var image = new PixelBuffer();
        image.Resize(height, width, 3);
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]) = (red, green, blue);
        }
        return image;
    }
}
