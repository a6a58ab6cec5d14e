using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>How an image gets the model's size.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResizeMode>))]
public enum ResizeMode
{
    /// <summary>The short side is resized to a length, then the centre is cut out: nothing is distorted.</summary>
    CenterCrop,

    /// <summary>The whole image is resized to the size, whatever its proportions: nothing is lost.</summary>
    Stretch,

    /// <summary>
    /// The whole image is resized to a square of <see cref="Preprocessing.ShortSide"/>, whatever its proportions, then the
    /// center is cut out: Caffe's 227 of 256, and TensorFlow's central 87.5 %.
    /// </summary>
    StretchCrop,
}
