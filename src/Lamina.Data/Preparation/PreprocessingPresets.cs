namespace Lamina;

/// <summary>The preprocessing of well-known networks, by its usual names.</summary>
/// <remarks>
/// <c>torch</c>, <c>caffe</c> and <c>tf</c> are those of Keras's imagenet_utils.preprocess_input, with the crops by which
/// accuracies of such networks are published: the short side 256/224 of the input and the center of that, or for <c>tf</c> the
/// central 87.5 % of height and width.
/// </remarks>
public static class PreprocessingPresets
{
    // Means of ImageNet's training images: torchvision's from 0 to 1; Keras's for Caffe networks, BGR, from 0 to 255.
    private static readonly double[] s_mean = [0.485, 0.456, 0.406];
    private static readonly double[] s_std = [0.229, 0.224, 0.225];
    private static readonly double[] s_pixelMean = [103.939, 116.779, 123.68];

    private const double CropFraction = 224 / 256.0;

    /// <summary>
    /// The names: <c>torch</c> (RGB, 0 to 1, minus ImageNet's mean, divided by its standard deviation), <c>caffe</c> (BGR, 0
    /// to 255, minus ImageNet's mean), <c>tf</c> (−1 to 1), <c>cntk</c> (BGR, 0 to 255, minus a mean image), <c>raw</c> (0 to
    /// 255).
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = ["torch", "caffe", "tf", "cntk", "raw"];

    /// <summary>Returns a preset by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="input">The height and width of the network's input.</param>
    /// <param name="channels">The channels of the network's input: 3, or 1 for <c>tf</c> and <c>raw</c>.</param>
    /// <param name="mean">The mean image, in BGR and of the input's size; required for <c>cntk</c> only.</param>
    /// <exception cref="ConfigException">The name is unknown, or does not fit the channels or the mean image.</exception>
    public static Preprocessing Find(string name, Size2 input, int channels = 3, MeanImage? mean = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Names.Contains(name))
        {
            throw new ConfigException(
                $"Preprocessing: '{JsonValues.Short(name)}' is not a preset. Use one of {string.Join(", ", Names)}."
            );
        }
        if (channels != 3 && name is not ("tf" or "raw"))
        {
            throw new ConfigException($"Preprocessing: '{name}' requires 3 channels, not {channels}.");
        }
        if (name == "cntk" != (mean is not null))
        {
            throw new ConfigException(
                name == "cntk"
                    ? "Preprocessing: 'cntk' requires the mean image that comes with the network."
                    : $"Preprocessing: '{name}' does not use a mean image; only 'cntk' does."
            );
        }
        var plain = new Preprocessing
        {
            Height = input.Height,
            Width = input.Width,
            Channels = channels,
            Scale = 1,
        };
        Preprocessing result = name switch
        {
            "torch" => plain with { Scale = 1 / 255.0, Mean = s_mean, Std = s_std },
            "caffe" => plain with { ChannelOrder = ChannelOrder.Bgr, Mean = s_pixelMean },
            "tf" => plain with { Scale = 1 / 127.5, Mean = [1], Resize = ResizeMode.StretchCrop },
            "cntk" => plain with { ChannelOrder = ChannelOrder.Bgr, MeanImage = mean },
            _ => plain,
        };
        // A mean image covers the whole input.
        result = name is "cntk" or "raw" ? result : result.WithCropFraction(CropFraction);
        result.Validate();
        return result;
    }
}
