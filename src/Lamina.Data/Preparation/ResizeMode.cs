using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>The way an image is resized to the model's input.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResizeMode>))]
public enum ResizeMode
{
    /// <summary>Resizes the short side to a length, then crops the center: no distortion.</summary>
    CenterCrop,

    /// <summary>Resizes the whole image to the input, regardless of its aspect ratio: nothing is lost.</summary>
    Stretch,

    /// <summary>
    /// Resizes the whole image to a square of <see cref="Preprocessing.ShortSide"/>, regardless of its aspect ratio, then
    /// crops the center: Caffe's 227 of 256, and TensorFlow's central 87.5 %.
    /// </summary>
    StretchCrop,
}
