using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>
/// The preprocessing of a decoded image for a model. It belongs to the model: training, evaluation and prediction share
/// it. A byte <c>x</c> of channel <c>c</c> becomes <c>(x × Scale − Mean[c]) ÷ Std[c]</c>. For networks of other
/// frameworks, see <see cref="PreprocessingPresets"/>.
/// </summary>
public sealed record Preprocessing
{
    private const int MaxSide = 16384;

    /// <summary>The input's height in pixels, 1 to 16384. Default: 224.</summary>
    public int Height { get; init; } = 224;

    /// <summary>The input's width in pixels, 1 to 16384. Default: 224.</summary>
    public int Width { get; init; } = 224;

    /// <summary>The channels: 1 for gray (ITU-R 601), or 3, in which gray images are repeated. Default: 3.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>
    /// The order of the network's color channels, also of <see cref="Mean"/>, <see cref="Std"/> and
    /// <see cref="MeanImage"/>. Default: <see cref="ChannelOrder.Rgb"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ChannelOrder ChannelOrder { get; init; }

    /// <summary>The way images are resized. Default: <see cref="ResizeMode.CenterCrop"/>.</summary>
    public ResizeMode Resize { get; init; }

    /// <summary>
    /// The length of the short side before the center crop, or of both sides for <see cref="ResizeMode.StretchCrop"/>; at
    /// least the larger of height and width (256 for 224 in most papers). Default: <see langword="null"/>, the shortest that
    /// covers the input. <see cref="ResizeMode.Stretch"/> ignores it.
    /// </summary>
    public int? ShortSide { get; init; }

    /// <summary>The interpolation. Default: <see cref="Interpolation.Bilinear"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Interpolation Interpolation { get; init; }

    /// <summary>The input's longer side as a fraction of <see cref="ShortSide"/>, such as 0.875; 1 without a short side.</summary>
    [JsonIgnore]
    public double CropFraction =>
        ShortSide is { } side && Resize != ResizeMode.Stretch ? Math.Max(Height, Width) / (double)side : 1;

    /// <summary>Returns a copy whose short side makes the input this fraction of it, rounded down.</summary>
    /// <param name="fraction">Above 0 to 1; 0.875 for 224 of 256.</param>
    /// <exception cref="ConfigException">The fraction is out of its range, or the short side is above 16384.</exception>
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

    /// <summary>The factor for bytes, applied first. Default: 1/255, for values from 0 to 1.</summary>
    public double Scale { get; init; } = 1 / 255.0;

    /// <summary>The mean to subtract after scaling, one per channel or one for all. Default: 0.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>The divisor after subtraction, one per channel or one for all, above 0. Default: 1.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1];

    /// <summary>
    /// The mean image to subtract after scaling, besides <see cref="Mean"/>: ShortSide×ShortSide if that is set (a crop uses
    /// the mean at its position, mirrored with it), otherwise Height×Width; with the same channels. Default:
    /// <see langword="null"/>, none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MeanImage? MeanImage { get; init; }

    /// <summary>The required size of <see cref="MeanImage"/>.</summary>
    [JsonIgnore]
    public Size2 MeanSize =>
        ShortSide is int side && Resize != ResizeMode.Stretch ? new Size2(side) : new Size2(Height, Width);

    /// <summary>The shape of one prepared image: (height, width, channels).</summary>
    [JsonIgnore]
    public Shape Shape => Lamina.Shape.Of(Height, Width, Channels);

    /// <summary>Throws if a value is out of its range.</summary>
    /// <exception cref="ConfigException">A value is out of its range; the message names both.</exception>
    public void Validate()
    {
        int longest = Math.Max(Height, Width);
        // Messages are built only where they are thrown: formatting enums costs a process that starts milliseconds.
        string? wrong =
            Height is < 1 or > MaxSide ? $"Height is {Height}; it must be from 1 to {MaxSide}."
            : Width is < 1 or > MaxSide ? $"Width is {Width}; it must be from 1 to {MaxSide}."
            : Channels is not (1 or 3) ? $"Channels is {Channels}; it must be 1 or 3."
            : Resize is < 0 or > ResizeMode.StretchCrop
                ? $"Resize is {Resize}; it must be CenterCrop, Stretch or StretchCrop."
            : ChannelOrder is < 0 or > ChannelOrder.Bgr ? $"ChannelOrder is {ChannelOrder}; it must be Rgb or Bgr."
            : Channels != 3 && ChannelOrder != ChannelOrder.Rgb ? "ChannelOrder is Bgr, which requires 3 channels."
            : Interpolation is < 0 or > Interpolation.Box
                ? $"Interpolation is {Interpolation}; it must be one of {string.Join(", ", Enum.GetNames<Interpolation>())}."
            : ShortSide is { } side && (side < longest || side > MaxSide)
                ? $"ShortSide is {ShortSide}; it must be from {longest}, the longer side of the input, to {MaxSide}."
            : !double.IsFinite(Scale) || Scale == 0 ? $"Scale is {Scale}; it must be a number other than 0."
            : !Fits(Mean, double.NegativeInfinity) ? $"Mean must have 1 or {Channels} finite values."
            : !Fits(Std, 0) ? $"Std must have 1 or {Channels} values above 0."
            : MeanImage is { } image
            && (image.Height, image.Width, image.Channels) != (MeanSize.Height, MeanSize.Width, Channels)
                ? $"MeanImage is {MeanImage}; it must be {MeanSize}×{Channels}."
            : null;
        if (wrong is not null)
        {
            throw new ConfigException($"Preprocessing: {wrong}");
        }
    }

    private bool Fits(IReadOnlyList<double>? values, double least)
    {
        if (values is null || (values.Count != 1 && values.Count != Channels))
        {
            return false;
        }
        for (int i = 0; i < values.Count; i++)
        {
            if (!(values[i] > least && double.IsFinite(values[i])))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Returns the preprocessing as JSON, to be saved with the model.</summary>
    public string ToJson() => PreprocessingJson.Write(this);

    /// <summary>Reads the output of <see cref="ToJson"/>; missing values have their defaults.</summary>
    /// <exception cref="ConfigException">The JSON is invalid, or a value is out of its range.</exception>
    public static Preprocessing FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Preprocessing result = PreprocessingJson.Read(json);
        result.Validate();
        return result;
    }

    /// <inheritdoc/>
    public bool Equals(Preprocessing? other) =>
        other is not null
        && Equals(MeanImage, other.MeanImage)
        && (this with { MeanImage = null }).ToJson() == (other with { MeanImage = null }).ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Channels, Resize, ShortSide, Scale);

    /// <summary>Returns the sizes of an image before and after resizing.</summary>
    internal SampleFrame FrameOf(Size2 image) =>
        Resize == ResizeMode.CenterCrop ? Frame(image, ShortSide) : Stretched(image, MeanSize);

    /// <summary>
    /// Returns the sizes for ten crops: without a short side the image is larger by 256/224, as in the paper.
    /// </summary>
    internal SampleFrame CropFrameOf(Size2 image) =>
        Resize == ResizeMode.CenterCrop ? Frame(image, ShortSide ?? Roomy(Math.Max(Height, Width)))
        : Resize == ResizeMode.StretchCrop && ShortSide is not null ? Stretched(image, MeanSize)
        : Stretched(image, new Size2(Roomy(Height), Roomy(Width)));

    /// <summary>Returns the part of an image that <see cref="MeanImage"/> covers.</summary>
    internal SampleWindow MeanWindowOf(Size2 image) => FrameOf(image).CenterWindow;

    private SampleFrame Frame(Size2 image, int? side)
    {
        // The size of the whole image after resizing: the short side exact, the long side rounded down as in torchvision.
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

    /// <summary>The size down to which a decoder may shrink images without loss: twice the resized size.</summary>
    /// <remarks>The default value, for the full size, where single pixels are picked.</remarks>
    internal Size2 EnoughToDecode =>
        Interpolation is Interpolation.Nearest or Interpolation.BilinearPoint
            ? default
            : new Size2(2 * MeanSize.Height, 2 * MeanSize.Width);

    /// <summary>Returns scale, mean and standard deviation as an affine map of RGB, regardless of the network's channel order.</summary>
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
