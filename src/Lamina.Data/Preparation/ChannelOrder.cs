using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>The order of a color image's channels.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red, green, blue: what most frameworks read.</summary>
    Rgb,

    /// <summary>Blue, green, red: what OpenCV reads, and so networks of Caffe and CNTK.</summary>
    Bgr,
}
