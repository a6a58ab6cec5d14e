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
        long[] dimensions = [.. entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        var values = new float[dimensions.Aggregate(1L, (count, d) => count * d)];
        ReadInto(name, MemoryMarshal.AsBytes(values.AsSpan()));
        return (values, dimensions);
    }

    /// <summary>Reads a tensor's values to where they are wanted, without another copy in memory.</summary>
    public void ReadInto(string name, Span<byte> destination)
    {
        JsonElement offsets = _header.GetProperty(name).GetProperty("data_offsets");
        if (offsets[1].GetInt64() - offsets[0].GetInt64() != destination.Length)
        {
            throw new InvalidDataException($"{_path}: {name} has not {destination.Length} bytes.");
        }
        using FileStream file = File.OpenRead(_path);
        file.Position = _start + offsets[0].GetInt64();
        file.ReadExactly(destination);
    }
}
