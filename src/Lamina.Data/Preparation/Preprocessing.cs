using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>
/// What is done to a decoded image before a model sees it. It belongs to the model: training, evaluation and prediction
/// share one. A byte <c>x</c> of channel <c>c</c> becomes <c>(x × Scale − Mean[c]) ÷ Std[c]</c>. What networks of other
/// frameworks want is in <see cref="PreprocessingPresets"/>.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>The input's height in pixels, at least 1; 224.</summary>
    public int Height { get; init; } = 224;

    /// <summary>The input's width in pixels, at least 1; 224.</summary>
    public int Width { get; init; } = 224;

    /// <summary>1 for grey (ITU-R 601), 3 for red, green, blue; 3. A grey image is repeated in all three.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>
    /// The order in which the network has color channels; <see cref="ChannelOrder.Rgb"/>. <see cref="Mean"/>,
    /// <see cref="Std"/> and <see cref="MeanImage"/> are in this order.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ChannelOrder ChannelOrder { get; init; }

    /// <summary>How an image gets its size; <see cref="ResizeMode.CenterCrop"/>.</summary>
    public ResizeMode Resize { get; init; }

    /// <summary>
    /// The length of the short side before the center is cut out, or of both sides for <see cref="ResizeMode.StretchCrop"/>;
    /// at least the larger of height and width (256 for 224 in most papers). <see langword="null"/>: as short as still covers
    /// the input. <see cref="ResizeMode.Stretch"/> has no use for it.
    /// </summary>
    public int? ShortSide { get; init; }

    /// <summary>How pixels are computed; <see cref="Interpolation.Bilinear"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Interpolation Interpolation { get; init; }

    /// <summary>The input's longer side as a share of <see cref="ShortSide"/>, such as 0.875; 1 without a short side.</summary>
    [JsonIgnore]
    public double CropFraction =>
        ShortSide is { } side && Resize != ResizeMode.Stretch ? Math.Max(Height, Width) / (double)side : 1;

    /// <summary>The same with the short side of which the input is this share, rounded down.</summary>
    /// <param name="fraction">Above 0 to 1; 0.875 for 224 of 256.</param>
    /// <exception cref="ConfigException">It is not, or the short side is above 16384.</exception>
    public Preprocessing WithCropFraction(double fraction)
    {
        if (fraction is not (> 0 and <= 1))
        {
            throw new ConfigException(
                $"Preprocessing: the crop fraction is {fraction}; it must be above 0 and at most 1."
            );
        }
        double side = Math.Max(Height, Width) / fraction;
        // 224 / 0.875 is 256, and must not become 255 by rounding.
        Preprocessing result = this with
        {
            ShortSide = (int)Math.Min(side + 1e-6, int.MaxValue),
        };
        result.Validate();
        return result;
    }

    /// <summary>What a byte is multiplied with first; 1/255, which gives 0 to 1.</summary>
    public double Scale { get; init; } = 1 / 255.0;

    /// <summary>Subtracted after the scaling, one for each channel or one for all; 0.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>What the difference is divided by, one for each channel or one for all, above 0; 1.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1];

    /// <summary>
    /// Subtracted pixel by pixel after the scaling, beside <see cref="Mean"/>: ShortSide×ShortSide where there is one
    /// (a crop meets the mean at its own place, mirrored with it), else Height×Width; as many channels.
    /// <see langword="null"/>: none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MeanImage? MeanImage { get; init; }

    /// <summary>The size that <see cref="MeanImage"/> has.</summary>
    [JsonIgnore]
    public Size2 MeanSize =>
        ShortSide is int side && Resize != ResizeMode.Stretch ? new Size2(side) : new Size2(Height, Width);

    /// <summary>The shape of one prepared image: (height, width, channels).</summary>
    [JsonIgnore]
    public Shape Shape => Lamina.Shape.Of(Height, Width, Channels);

    /// <summary>Throws if a value is out of its range.</summary>
    /// <exception cref="ConfigException">Names the value and its range.</exception>
    public void Validate()
    {
        Check(Height is >= 1 and <= 16384, $"Height is {Height}; it must be from 1 to 16384.");
        Check(Width is >= 1 and <= 16384, $"Width is {Width}; it must be from 1 to 16384.");
        Check(Channels is 1 or 3, $"Channels is {Channels}; it must be 1 or 3.");
        Check(Enum.IsDefined(Resize), $"Resize is {Resize}; it must be CenterCrop, Stretch or StretchCrop.");
        Check(Enum.IsDefined(ChannelOrder), $"ChannelOrder is {ChannelOrder}; it must be Rgb or Bgr.");
        Check(Channels == 3 || ChannelOrder == ChannelOrder.Rgb, "ChannelOrder is Bgr, which needs 3 channels.");
        Check(
            Enum.IsDefined(Interpolation),
            $"Interpolation is {Interpolation}; it must be one of {string.Join(", ", Enum.GetNames<Interpolation>())}."
        );
        int longest = Math.Max(Height, Width);
        Check(
            ShortSide is null || (ShortSide >= longest && ShortSide <= 16384),
            $"ShortSide is {ShortSide}; it must be from {longest}, the longer side of the input, to 16384."
        );
        Check(double.IsFinite(Scale) && Scale != 0, $"Scale is {Scale}; it must be a number other than 0.");
        Check(Fits(Mean) && Mean.All(double.IsFinite), $"Mean needs 1 or {Channels} finite values.");
        Check(Fits(Std) && Std.All(s => s > 0 && double.IsFinite(s)), $"Std needs 1 or {Channels} values above 0.");
        Check(
            MeanImage is null
                || (
                    (MeanImage.Height, MeanImage.Width) == (MeanSize.Height, MeanSize.Width)
                    && MeanImage.Channels == Channels
                ),
            $"MeanImage is {MeanImage}; it must be {MeanSize}×{Channels}."
        );

        bool Fits(IReadOnlyList<double>? values) =>
            values is not null && (values.Count == 1 || values.Count == Channels);
        static void Check(bool holds, string message)
        {
            if (!holds)
            {
                throw new ConfigException($"Preprocessing: {message}");
            }
        }
    }

    /// <summary>As JSON, to be kept with the model.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PreprocessingJson.Default.Preprocessing);

    /// <summary>Reads what <see cref="ToJson"/> wrote; a value that is left out has its default.</summary>
    /// <exception cref="ConfigException">The text is not such JSON, or a value is out of its range.</exception>
    public static Preprocessing FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            // The serializer gives properties that are left out 0, not what they are initialized with.
            JsonObject all = JsonSerializer
                .SerializeToNode(new Preprocessing(), PreprocessingJson.Default.Preprocessing)!
                .AsObject();
            JsonNode? node = JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false });
            if (node is not JsonObject given)
            {
                throw new ConfigException("Preprocessing: the JSON is no object.");
            }
            foreach ((string key, JsonNode? value) in given)
            {
                if (!Keys.Contains(key))
                {
                    throw new ConfigException(
                        $"Preprocessing: '{key}' is not a key. Known are {string.Join(", ", Keys)}."
                    );
                }
                all[key] = value?.DeepClone();
            }
            Preprocessing result = all.Deserialize(PreprocessingJson.Default.Preprocessing)!;
            result.Validate();
            return result;
        }
        catch (JsonException e)
        {
            throw new ConfigException($"Preprocessing: {Reason(e)}");
        }
        catch (InvalidOperationException)
        {
            throw new ConfigException("Preprocessing: the JSON has an escape in a string that is no character.");
        }
    }

    private static IEnumerable<string> Keys => PreprocessingJson.Default.Preprocessing.Properties.Select(p => p.Name);

    // The serializer's own messages name types of .NET.
    private static string Reason(JsonException e) =>
        e.Message.StartsWith(nameof(MeanImage), StringComparison.Ordinal) ? e.Message
        : e.Path is { Length: > 2 } path ? $"the value of {path[2..]} is of a wrong kind."
        : $"the JSON is not valid (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}), or has a key twice.";

    /// <inheritdoc/>
    public bool Equals(Preprocessing? other) =>
        other is not null
        && Equals(MeanImage, other.MeanImage)
        && (this with { MeanImage = null }).ToJson() == (other with { MeanImage = null }).ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Channels, Resize, ShortSide, Scale);

    /// <summary>The sizes that an image goes through.</summary>
    internal SampleFrame FrameOf(Size2 image) =>
        Resize == ResizeMode.CenterCrop ? Frame(image, ShortSide) : Stretched(image, MeanSize);

    /// <summary>
    /// The same for the ten crops, which need room: without a short side the image is larger by 256/224, as in the paper.
    /// </summary>
    internal SampleFrame CropFrameOf(Size2 image) =>
        Resize == ResizeMode.CenterCrop ? Frame(image, ShortSide ?? Roomy(Math.Max(Height, Width)))
        : Resize == ResizeMode.StretchCrop && ShortSide is not null ? Stretched(image, MeanSize)
        : Stretched(image, new Size2(Roomy(Height), Roomy(Width)));

    /// <summary>The part of an image that <see cref="MeanImage"/> is the mean of.</summary>
    internal SampleWindow MeanWindowOf(Size2 image) => FrameOf(image).CenterWindow;

    private SampleFrame Frame(Size2 image, int? side)
    {
        // The size that the whole image would get; the short side exactly, the long side rounded down as torchvision does.
        double ratio = side is int length
            ? (double)length / Math.Min(image.Height, image.Width)
            : Math.Max((double)Height / image.Height, (double)Width / image.Width);
        var center = new Size2(side ?? Height, side ?? Width);
        int height = Math.Max((int)((image.Height * ratio) + 1e-6), center.Height);
        int width = Math.Max((int)((image.Width * ratio) + 1e-6), center.Width);
        return new SampleFrame(image, new Size2(height, width), center, new Size2(Height, Width));
    }

    private SampleFrame Stretched(Size2 image, Size2 size) => new(image, size, size, new Size2(Height, Width));

    private static int Roomy(int size) => ((size * 256) + 223) / 224;

    /// <summary>The size from which on a decoder's fraction of the image is as good as the whole: twice what is needed.</summary>
    /// <remarks>Default, which is all of it, where single pixels are picked.</remarks>
    internal Size2 EnoughToDecode =>
        Interpolation is Interpolation.Nearest or Interpolation.BilinearPoint
            ? default
            : new Size2(2 * MeanSize.Height, 2 * MeanSize.Width);

    /// <summary>The affine map of bytes that scale, mean and deviation make: of red, green and blue, whatever the network's order.</summary>
    internal Affine ToAffine()
    {
        var scales = new float[Channels];
        var offsets = new float[Channels];
        for (int c = 0; c < Channels; c++)
        {
            double std = Std[Std.Count == 1 ? 0 : c];
            int from = ChannelOrder == ChannelOrder.Bgr ? Channels - 1 - c : c;
            scales[from] = (float)(Scale / std);
            offsets[from] = (float)(-Mean[Mean.Count == 1 ? 0 : c] / std);
        }
        return new Affine(Width, scales, offsets);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(Preprocessing))]
internal sealed partial class PreprocessingJson : JsonSerializerContext;
