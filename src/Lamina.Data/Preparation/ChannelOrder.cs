using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>The order of a color image's channels.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red, green, blue: the order in most frameworks.</summary>
    Rgb,

    /// <summary>Blue, green, red: the order of OpenCV, and so of Caffe and CNTK networks.</summary>
    Bgr,
}
