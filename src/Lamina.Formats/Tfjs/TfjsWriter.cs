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
        var kernels = new TfjsKernels(model);
        (string Name, int[] Shape, Func<float[]> Values)[] weights =
        [
            .. KerasWeights.ByPath(model).Select(w => kernels.InFile(w.Key, w.Weight)),
        ];
        JsonObject topology = KerasJson.Write(model);
        kernels.Rewrite(topology["config"]!.AsObject());
        string[] shards = ShardNames(weights.Sum(w => w.Shape.Aggregate(1L, (n, d) => n * d) * sizeof(float)));
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
                    ["weights"] = new JsonArray([.. weights.Select(w => Entry(w.Name, w.Shape))]),
                }
            ),
        };
        if (metadata is { Count: > 0 })
        {
            root["userDefinedMetadata"] = metadata.DeepClone();
        }
        AtomicFile.WriteAllBytes(file, StrictJson.Write(root, $"{model}: the architecture"));
    }

    private static JsonObject Entry(string name, int[] shape) =>
        new()
        {
            ["name"] = name,
            ["shape"] = new JsonArray([.. shape.Select(d => (JsonNode)d)]),
            ["dtype"] = "float32",
        };

    private static string[] ShardNames(long bytes)
    {
        long count = (bytes + ShardBytes - 1) / ShardBytes;
        return [.. Enumerable.Range(1, checked((int)count)).Select(i => $"group1-shard{i}of{count}.bin")];
    }

    /// <summary>The contiguous bytes of the weights, read weight by weight.</summary>
    private sealed class WeightBytes(IReadOnlyList<(string Name, int[] Shape, Func<float[]> Values)> weights)
        : IDisposable
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
                    _values = weights[_next++].Values();
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
