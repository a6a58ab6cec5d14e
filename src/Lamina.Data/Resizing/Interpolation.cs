using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>How pixels are computed when an image changes its size.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Interpolation>))]
public enum Interpolation
{
    /// <summary>
    /// Bilinear; where the image shrinks, the mean of all pixels that an output covers, weighted by a triangle. Pillow's and
    /// torchvision's BILINEAR.
    /// </summary>
    Bilinear,

    /// <summary>
    /// Bilinear between the four nearest pixels, even where the image shrinks. OpenCV's INTER_LINEAR, TensorFlow's bilinear
    /// without antialiasing.
    /// </summary>
    BilinearPoint,

    /// <summary>The nearest pixel. Pillow's NEAREST, the default of Keras's load_img.</summary>
    Nearest,

    /// <summary>Bicubic with a = −0.5; where the image shrinks, over all pixels that an output covers. Pillow's BICUBIC.</summary>
    Bicubic,

    /// <summary>Lanczos over three lobes, likewise. Pillow's LANCZOS.</summary>
    Lanczos,

    /// <summary>The mean of the pixels that an output covers. Pillow's BOX, OpenCV's INTER_AREA.</summary>
    Box,
}
