namespace Lamina.Data.Tests.Preparation;

/// <summary>The presets against the definitions that Keras, torchvision, TensorFlow and CNTK publish.</summary>
public class PreprocessingPresetsTests
{
    private static readonly byte[] s_pixel = [200, 100, 50];

    public static TheoryData<string, float[]> Values =>
        new()
        {
            // torchvision: Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]) of x / 255.
            {
                "torch",
                [((200 / 255f) - 0.485f) / 0.229f, ((100 / 255f) - 0.456f) / 0.224f, ((50 / 255f) - 0.406f) / 0.225f]
            },
            // Keras: x[..., ::-1] less [103.939, 116.779, 123.68].
            { "caffe", [50 - 103.939f, 100 - 116.779f, 200 - 123.68f] },
            // Keras: x / 127.5 − 1.
            { "tf", [(200 / 127.5f) - 1, (100 / 127.5f) - 1, (50 / 127.5f) - 1] },
            { "raw", [200, 100, 50] },
        };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_pixel_becomes_what_the_definition_says(string preset, float[] expected)
    {
        Preprocessing options = PreprocessingPresets.Find(preset, (2, 3));
        NDArray prepared = Images.Prepare(Flat(5, 7, s_pixel), options);
        for (int i = 0; i < prepared.Values.Length; i++)
        {
            Assert.Equal(expected[i % 3], prepared.Values[i], 1e-4f);
        }
        Assert.Equal(options, Preprocessing.FromJson(options.ToJson()));
    }

    [Fact]
    public void CNTKs_mean_image_is_subtracted_blue_first()
    {
        float[] mean = [.. Enumerable.Range(0, 2 * 2 * 3).Select(i => (float)i)];
        Preprocessing options = PreprocessingPresets.Find("cntk", (2, 2), mean: new MeanImage(2, 2, 3, mean));
        NDArray prepared = Images.Prepare(Flat(2, 2, s_pixel), options);
        Assert.Equal([50, 99, 198, 47, 96, 195, 44, 93, 192, 41, 90, 189], prepared.Values.ToArray());
        Assert.Equal(options, Preprocessing.FromJson(options.ToJson()));
    }

    [Fact]
    public void Crops_are_those_of_published_accuracies()
    {
        Preprocessing torch = PreprocessingPresets.Find("torch", 224);
        Assert.Equal((256, ResizeMode.CenterCrop), (torch.ShortSide, torch.Resize));
        Assert.Equal(0.875, torch.CropFraction);
        Assert.Equal(341, PreprocessingPresets.Find("caffe", 299).ShortSide);
        // TensorFlow: the central 87.5 % of height and width, whatever the proportions.
        SampleFrame frame = PreprocessingPresets.Find("tf", 224).FrameOf((400, 800));
        Assert.Equal(new SampleWindow(25, 50, 350, 700), frame.MiddleWindow);
        Assert.Equal(1, PreprocessingPresets.Find("raw", 224).CropFraction);
        Assert.Equal(245, new Preprocessing().WithCropFraction(0.914).ShortSide);
    }

    [Fact]
    public void Caffes_networks_crop_227_of_a_stretched_256()
    {
        Preprocessing caffe = PreprocessingPresets.Find("caffe", 227) with
        {
            Resize = ResizeMode.StretchCrop,
            ShortSide = 256,
        };
        // 512×256 stretched to 256×256: (256 − 227) / 2 rounds to 14.
        Assert.Equal(new SampleWindow(28, 14, 454, 227), caffe.FrameOf((512, 256)).MiddleWindow);
    }

    [Fact]
    public void Channels_are_ordered_after_augmentation_and_in_all_crops()
    {
        Preprocessing options = PreprocessingPresets.Find("caffe", 4) with { Mean = [0] };
        NDArray prepared = Images.Prepare(Flat(1, 1, [255, 0, 0]), options);
        Assert.Equal([0, 0, 255], prepared.Values[..3].ToArray());
        // Grey as ITU-R 601 weighs red, green and blue, whatever their order in the network.
        var saturation = new ColorJitter { Saturation = 0.999 };
        var preparer = new ImagePreparer(options);
        preparer.Pixels.Resize(4, 4, 3);
        for (int i = 0; i < preparer.Pixels.Pixels.Length; i += 3)
        {
            preparer.Pixels.Pixels[i] = 255;
        }
        var output = new float[4 * 4 * 3];
        preparer.Begin([saturation], new RandomStream(3, RandomPurpose.User));
        preparer.Finish(output);
        Assert.True(output[2] > output[1] && Math.Abs(output[0] - output[1]) < 1e-3f);
        var crops = new float[10 * output.Length];
        preparer.BeginCrops(10);
        preparer.Finish(crops);
        Assert.All(Enumerable.Range(0, 10 * 4 * 4), p => Assert.Equal([0, 0, 255], crops[(3 * p)..((3 * p) + 3)]));
    }

    [Fact]
    public void Statistics_come_in_the_networks_order()
    {
        var images = new Pictures(3, 2, 2, 3, (_, _, _, c) => s_pixel[c]);
        var rgb = new Preprocessing { Height = 2, Width = 2 };
        DatasetStatistics plain = DatasetStatistics.Compute(images, rgb);
        DatasetStatistics turned = DatasetStatistics.Compute(images, rgb with { ChannelOrder = ChannelOrder.Bgr });
        Assert.Equal(plain.Mean.Reverse(), turned.Mean);
        Assert.Equal(plain.MeanImage.Values[..3].ToArray().Reverse(), turned.MeanImage.Values[..3].ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Error(
            "'vgg' is not a preset. Use one of torch, caffe, tf, cntk, raw.",
            () => PreprocessingPresets.Find("vgg", 8)
        );
        Error("'torch' requires 3 channels", () => PreprocessingPresets.Find("torch", 8, channels: 1));
        Error("'cntk' requires the mean image", () => PreprocessingPresets.Find("cntk", 8));
        var mean = new MeanImage(8, 8, 3, new float[192]);
        Error("'torch' does not use a mean image", () => PreprocessingPresets.Find("torch", 8, mean: mean));
        Error("MeanImage is 8×8×3", () => PreprocessingPresets.Find("cntk", 9, mean: mean));
        Error("the crop fraction is 0", () => new Preprocessing().WithCropFraction(0));
        Error("the crop fraction is NaN", () => new Preprocessing().WithCropFraction(double.NaN));
        Error("ChannelOrder is Bgr, which requires 3 channels", () => Bgr(1).Validate());
        Error("the value of interpolation", () => Preprocessing.FromJson("{\"interpolation\": \"Cubic\"}"));

        static Preprocessing Bgr(int channels) => new() { Channels = channels, ChannelOrder = ChannelOrder.Bgr };
        static void Error(string part, Action action) =>
            Assert.Contains(part, Assert.Throws<ConfigException>(action).Message, StringComparison.Ordinal);
    }

    private static PixelBuffer Flat(int height, int width, byte[] pixel)
    {
        var image = new PixelBuffer();
        image.Resize(height, width, 3);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = pixel[i % 3];
        }
        return image;
    }
}
