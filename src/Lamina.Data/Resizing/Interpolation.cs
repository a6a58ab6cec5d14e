using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>The interpolation for resizing images.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Interpolation>))]
public enum Interpolation
{
    /// <summary>
    /// Bilinear; with antialiasing when shrinking: a triangle-weighted mean of all covered pixels. BILINEAR in Pillow and
    /// torchvision.
    /// </summary>
    Bilinear,

    /// <summary>
    /// Bilinear between the four nearest pixels, without antialiasing. INTER_LINEAR in OpenCV, bilinear in TensorFlow
    /// without antialiasing.
    /// </summary>
    BilinearPoint,

    /// <summary>The nearest pixel. NEAREST in Pillow, the default of Keras's load_img.</summary>
    Nearest,

    /// <summary>Bicubic with a = −0.5, with antialiasing when shrinking. BICUBIC in Pillow.</summary>
    Bicubic,

    /// <summary>Lanczos with three lobes, with antialiasing when shrinking. LANCZOS in Pillow.</summary>
    Lanczos,

    /// <summary>The mean of the covered pixels. BOX in Pillow, INTER_AREA in OpenCV.</summary>
    Box,
}
