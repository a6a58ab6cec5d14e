namespace Lamina.Data.Tests.Preparation;

public class MeanImageTests
{
    private static readonly Preprocessing s_crop = new()
    {
        Height = 5,
        Width = 6,
        ShortSide = 8,
        Scale = 0.5,
        Std = [1, 2, 4],
    };

    [Fact]
    public void A_crop_meets_the_mean_at_its_own_place_mirrored_with_it()
    {
        // With the image itself for a mean all is zero, but only if each pixel meets itself.
        Pictures images = new(200, 8, 8, 3, (_, y, x, c) => (byte)((y * 31) + (x * 7) + (c * 3)));
        Preprocessing preprocessing = s_crop with { MeanImage = Mean(images, s_crop) };
        var options = new DataLoaderOptions { Augmentations = [new RandomCrop(), new RandomFlip()] };
        Assert.All(Values(images, preprocessing, options), v => Assert.Equal(0, v, 1e-4f));
        Assert.All(Values(images, preprocessing, new DataLoaderOptions { Crops = 10 }), v => Assert.Equal(0, v, 1e-4f));
        Assert.All(Values(images, preprocessing, new DataLoaderOptions()), v => Assert.Equal(0, v, 1e-4f));
        // Pixels that are changed on the way meet the same mean.
        ColorComponents none = new(
            [0, 0, 0],
            [
                [1, 0, 0],
                [0, 1, 0],
                [0, 0, 1],
            ]
        );
        options = options with { Augmentations = [.. options.Augmentations, new PcaLighting(1, none)] };
        Assert.All(Values(images, preprocessing, options), v => Assert.Equal(0, v, 1e-4f));
    }

    [Fact]
    public void The_mean_is_subtracted_after_the_scale_and_divided_with_the_rest()
    {
        var image = new PixelBuffer();
        image.Resize(1, 2, 1);
        (image.Pixels[0], image.Pixels[1]) = (100, 200);
        var preprocessing = new Preprocessing
        {
            Height = 1,
            Width = 2,
            Channels = 1,
            Scale = 0.1,
            Mean = [1],
            Std = [2],
            MeanImage = new MeanImage(1, 2, 1, [3, 5]),
        };
        Assert.Equal([3f, 7f], Images.Prepare(image, preprocessing).Values.ToArray().Select(v => MathF.Round(v, 5)));
    }

    [Fact]
    public void Without_a_short_side_and_stretched_the_mean_is_the_inputs_size()
    {
        Pictures wide = new(3, 6, 9, 3, (_, y, x, c) => (byte)((y * 20) + (x * 9) + c));
        foreach (ResizeMode mode in Enum.GetValues<ResizeMode>())
        {
            var plain = new Preprocessing
            {
                Height = 6,
                Width = 6,
                Resize = mode,
            };
            Preprocessing preprocessing = plain with { MeanImage = Mean(wide, plain) };
            Assert.All(Values(wide, preprocessing, new DataLoaderOptions()), v => Assert.Equal(0, v, 1e-5f));
        }
    }

    [Fact]
    public void Windows_beyond_the_mean_meet_its_edge()
    {
        Pictures flat = new(50, 8, 8, 3, (_, _, _, _) => 40);
        var plain = new Preprocessing
        {
            Height = 8,
            Width = 8,
            Scale = 1,
        };
        Preprocessing preprocessing = plain with { MeanImage = Mean(flat, plain) };
        var options = new DataLoaderOptions { Augmentations = [new RandomShift(0.5), new RandomResizedCrop()] };
        Assert.All(Values(flat, preprocessing, options), v => Assert.Equal(0, v, 1e-3f));
        options = options with { Augmentations = [new RandomShift(0.5)] };
        // What is moved in is black, less the mean.
        Assert.Equal([-40, 0], Values(flat, preprocessing, options).Select(v => MathF.Round(v)).Distinct().Order());
    }

    [Fact]
    public void Json_keeps_the_mean_to_the_bit()
    {
        float[] values = [.. Enumerable.Range(0, 8 * 8 * 3).Select(i => MathF.Sin(i) / 3)];
        Preprocessing preprocessing = s_crop with { MeanImage = new MeanImage(8, 8, 3, values) };
        Preprocessing read = Preprocessing.FromJson(preprocessing.ToJson());
        Assert.Equal(values, read.MeanImage!.Values.ToArray());
        Assert.Equal(preprocessing, read);
        // As a part of other JSON, whose writer escapes base64's plus signs.
        string nested = System.Text.Json.Nodes.JsonNode.Parse(preprocessing.ToJson())!.ToJsonString();
        Assert.Contains("\\u002B", nested);
        Assert.Equal(preprocessing, Preprocessing.FromJson(nested));
        Assert.NotEqual(preprocessing, s_crop);
        values[7] += 1e-6f;
        Assert.NotEqual(preprocessing, read with { MeanImage = new MeanImage(8, 8, 3, values) });
        Assert.DoesNotContain("meanImage", s_crop.ToJson());
    }

    [Theory]
    [InlineData("""{ "shape": [1, 1, 1], "data": "AACAPw==" }""", null)]
    [InlineData("""{ "shape": [1, 1, 1], "data": "AACAPw=" }""", "the data is damaged")]
    [InlineData("""{ "shape": [1, 1, 1], "data": "A*CAPw==" }""", "the data is damaged")]
    [InlineData("""{ "shape": [1, 1, 1], "data": "AACA" }""", "the data is damaged")]
    [InlineData("""{ "shape": [1, 1, 1], "data": "AACAPwAAgD8=" }""", "has 2 values, not the 1 of 1×1×1")]
    [InlineData("""{ "shape": [1, 1, 1], "data": "AADAfw==" }""", "a value is not finite")]
    [InlineData("""{ "shape": [2, 1, 1], "data": "AACAPwAAgD8=" }""", "MeanImage is 2×1×1; it must be 1×1×1")]
    [InlineData("""{ "shape": [0, 1, 1], "data": "" }""", "invalid size 0×1×1")]
    [InlineData("""{ "shape": [99999999999, 1, 1], "data": "" }""", "MeanImage must be {")]
    [InlineData("""{ "shape": [1, 1], "data": "AACAPw==" }""", "MeanImage must be {")]
    [InlineData("""{ "shape": [1, 1, 1], "data": 3 }""", "MeanImage must be {")]
    [InlineData("""{ "shape": [1, 1, 1], "data": "AACAPw==", "more": 1 }""", "MeanImage must be {")]
    [InlineData("[]", "MeanImage must be {")]
    public void Damaged_json_is_refused_in_one_line(string json, string? expected)
    {
        string plain = new Preprocessing
        {
            Height = 1,
            Width = 1,
            Channels = 1,
        }.ToJson();
        string whole = $$"""{ "meanImage": {{json}},{{plain[1..]}}""";
        if (expected is null)
        {
            Assert.Equal(1f, Preprocessing.FromJson(whole).MeanImage!.Values[0]);
            return;
        }
        string message = Assert.Throws<ConfigException>(() => Preprocessing.FromJson(whole)).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    private static MeanImage Mean(LabeledImages images, Preprocessing preprocessing) =>
        DatasetStatistics.Compute(images, preprocessing).MeanImage;

    private static float[] Values(LabeledImages images, Preprocessing preprocessing, DataLoaderOptions options) =>
        [
            .. new DataLoader(images, preprocessing, options with { BatchSize = images.Count })
                .Batches(1)
                .Single()
                .Inputs[0]
                .Values,
        ];
}
