using System.Runtime.InteropServices;
using System.Text.Json;

namespace Lamina.Bench.Peers;

/// <summary>The float32 tensors of a safetensors file, by name.</summary>
public sealed class PeerWeights
{
    private readonly string _path;
    private readonly JsonElement _header;
    private readonly long _start;

    public PeerWeights(string folder)
    {
        _path = PeerModel.WeightsPath(folder);
        using FileStream file = File.OpenRead(_path);
        long length = 0;
        file.ReadExactly(MemoryMarshal.AsBytes(new Span<long>(ref length)));
        var json = new byte[length];
        file.ReadExactly(json);
        _header = JsonDocument.Parse(json).RootElement;
        _start = sizeof(long) + length;
    }

    /// <summary>A tensor's values and dimensions.</summary>
    public (float[] Values, long[] Dimensions) Read(string name)
    {
        JsonElement entry = _header.GetProperty(name);
        long[] ends = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64())];
        var values = new float[(ends[1] - ends[0]) / sizeof(float)];
        using FileStream file = File.OpenRead(_path);
        file.Position = _start + ends[0];
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return (values, [.. entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]);
    }
}
