using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Writes a model like tfjs's converter: shards of 4 MB, then the model.json that lists them.</summary>
internal static class TfjsWriter
{
    private const int ShardBytes = 4 << 20;

    /// <summary>Writes the files.</summary>
    public static void Write(Model model, string file, JsonObject? metadata)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        IReadOnlyList<(string Key, Weight Weight)> weights = KerasWeights.ByPath(model);
        JsonObject topology = KerasJson.Write(model);
        string[] shards = ShardNames(weights.Sum(w => w.Weight.Count * sizeof(float)));
        using (var source = new WeightBytes(weights))
        {
            foreach (string shard in shards)
            {
                AtomicFile.Write(Path.Combine(folder, shard), stream => source.CopyTo(stream, ShardBytes));
            }
        }
        var root = new JsonObject
        {
            ["format"] = "layers-model",
            ["generatedBy"] = $"keras v{KerasJson.Keras2Version}",
            ["convertedBy"] = $"Lamina {typeof(Model).Assembly.GetName().Version?.ToString(3)}",
            ["modelTopology"] = new JsonObject
            {
                ["keras_version"] = KerasJson.Keras2Version,
                ["backend"] = "tensorflow",
                ["model_config"] = new JsonObject
                {
                    ["class_name"] = topology["class_name"]!.DeepClone(),
                    ["config"] = topology["config"]!.DeepClone(),
                },
            },
            ["weightsManifest"] = new JsonArray(
                new JsonObject
                {
                    ["paths"] = new JsonArray([.. shards.Select(s => (JsonNode)s)]),
                    ["weights"] = new JsonArray([.. weights.Select(w => Entry(w.Key, w.Weight))]),
                }
            ),
        };
        if (metadata is { Count: > 0 })
        {
            root["userDefinedMetadata"] = metadata.DeepClone();
        }
        AtomicFile.WriteAllBytes(file, StrictJson.Write(root, $"{model}: the architecture"));
    }

    private static JsonObject Entry(string name, Weight weight) =>
        new()
        {
            ["name"] = name,
            ["shape"] = new JsonArray([.. weight.Shape.Select(d => (JsonNode)d!.Value)]),
            ["dtype"] = "float32",
        };

    private static string[] ShardNames(long bytes)
    {
        long count = (bytes + ShardBytes - 1) / ShardBytes;
        return [.. Enumerable.Range(1, checked((int)count)).Select(i => $"group1-shard{i}of{count}.bin")];
    }

    /// <summary>The contiguous bytes of the weights, read weight by weight.</summary>
    private sealed class WeightBytes(IReadOnlyList<(string Key, Weight Weight)> weights) : IDisposable
    {
        private float[] _values = [];
        private int _next;
        private int _position;

        public void CopyTo(Stream stream, int count)
        {
            while (count > 0)
            {
                if (_position == _values.Length)
                {
                    if (_next == weights.Count)
                    {
                        return;
                    }
                    _values = weights[_next++].Weight.GetValues();
                    _position = 0;
                }
                int take = Math.Min(count / sizeof(float), _values.Length - _position);
                stream.Write(MemoryMarshal.AsBytes(_values.AsSpan(_position, take)));
                _position += take;
                count -= take * sizeof(float);
            }
        }

        public void Dispose() => _values = [];
    }
}
