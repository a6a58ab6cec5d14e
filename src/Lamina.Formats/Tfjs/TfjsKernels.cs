using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The kernels of convolutions in groups, which tfjs's layers do not have. One group per channel is a DepthwiseConv2D there; other
/// groups are a convolution of all channels whose kernel is 0 between groups.
/// </summary>
internal sealed class TfjsKernels
{
    private const string Kernel = "/kernel";
    private const string DepthwiseKernel = "/depthwise_kernel";
    private readonly Dictionary<string, Conv2D> _grouped = new(StringComparer.Ordinal);

    /// <summary>Finds the convolutions in groups, also those of nested models.</summary>
    public TfjsKernels(Model model) => Collect(model);

    /// <summary>Replaces the convolutions in a model's config.</summary>
    /// <param name="config">The config of a model; changed.</param>
    public void Rewrite(JsonObject config)
    {
        foreach (JsonObject entry in (config["layers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (entry["config"] is not JsonObject own)
            {
                continue;
            }
            Rewrite(own);
            if (
                entry["class_name"]?.ToString() != nameof(Conv2D)
                || !_grouped.TryGetValue(own["name"]?.ToString() ?? "", out Conv2D? layer)
            )
            {
                continue;
            }
            own.Remove("groups");
            if (!IsDepthwise(layer))
            {
                continue;
            }
            entry["class_name"] = nameof(DepthwiseConv2D);
            own.Remove("filters");
            own["depth_multiplier"] = layer.Filters / layer.Groups;
            foreach (string part in (string[])["initializer", "regularizer", "constraint"])
            {
                JsonNode? value = own["kernel_" + part];
                own.Remove("kernel_" + part);
                own["depthwise_" + part] = value?.DeepClone();
            }
        }
    }

    /// <summary>Returns a weight's name, shape and values in a file.</summary>
    public (string Name, int[] Shape, Func<float[]> Values) InFile(string key, Weight weight)
    {
        int[] shape = [.. weight.Shape.Select(d => d!.Value)];
        if (Find(key) is not { } layer)
        {
            return (key, shape, weight.GetValues);
        }
        (int channels, int groups) = (shape[2], layer.Groups);
        return IsDepthwise(layer)
            // Keras counts the kernels of a channel last, as here: the values are the same.
            ? (NameOf(key), [shape[0], shape[1], groups, shape[3] / groups], weight.GetValues)
            : (key, [shape[0], shape[1], channels * groups, shape[3]], () => Spread(weight.GetValues(), shape, groups));
    }

    /// <summary>Returns the name of the weight that a weight of a file is for.</summary>
    public string NameOf(TfjsWeight stored) =>
        stored.Name.EndsWith(DepthwiseKernel, StringComparison.Ordinal)
        && stored.Name[..^DepthwiseKernel.Length] + Kernel is var key
        && Find(key) is not null
            ? key
            : stored.Name;

    /// <summary>Returns the shape that a weight of a file has here.</summary>
    public IReadOnlyList<long> ShapeOf(TfjsWeight stored)
    {
        IReadOnlyList<long> shape = stored.Shape;
        if (Find(NameOf(stored)) is not { } layer || shape.Count != 4)
        {
            return shape;
        }
        int channels = layer.Weights[0].Shape[2]!.Value;
        if (stored.Name.EndsWith(DepthwiseKernel, StringComparison.Ordinal))
        {
            return shape[2] == layer.Groups ? [shape[0], shape[1], 1, shape[2] * shape[3]] : shape;
        }
        return shape[2] == (long)channels * layer.Groups ? [shape[0], shape[1], channels, shape[3]] : shape;
    }

    /// <summary>Returns the values that a weight of a file has here.</summary>
    /// <exception cref="ModelFileException">A kernel is not 0 between groups.</exception>
    public float[] Values(TfjsWeight stored, float[] values, string file)
    {
        if (Find(stored.Name) is not { } layer || stored.Shape.Count != 4)
        {
            return values;
        }
        int[] shape = [.. layer.Weights[0].Shape.Select(d => d!.Value)];
        if (stored.Shape[2] == shape[2])
        {
            return values;
        }
        float[] own = Gathered(values, shape, layer.Groups);
        return Spread(own, shape, layer.Groups).AsSpan().SequenceEqual(values)
            ? own
            : throw new ModelFileException(
                $"{file}: weight {stored} connects channels that {layer} keeps apart in {layer.Groups} groups. Load it into the model that it belongs to."
            );
    }

    private static string NameOf(string key) => key[..^Kernel.Length] + DepthwiseKernel;

    private static bool IsDepthwise(Conv2D layer) => layer.Weights[0].Shape[2] == 1;

    private Conv2D? Find(string key) =>
        key.EndsWith(Kernel, StringComparison.Ordinal) ? _grouped.GetValueOrDefault(key[..^Kernel.Length]) : null;

    private void Collect(Model model)
    {
        foreach (Layer layer in model.Layers)
        {
            if (layer is Model nested)
            {
                Collect(nested);
            }
            else if (layer is Conv2D { Groups: > 1 } convolution)
            {
                _grouped[layer.Name] = convolution;
            }
        }
    }

    private static float[] Spread(float[] own, int[] shape, int groups)
    {
        var all = new float[own.Length * groups];
        ForEachRow(shape, groups, (from, to, width) => own.AsSpan(from, width).CopyTo(all.AsSpan(to)));
        return all;
    }

    private static float[] Gathered(float[] all, int[] shape, int groups)
    {
        var own = new float[all.Length / groups];
        ForEachRow(shape, groups, (to, from, width) => all.AsSpan(from, width).CopyTo(own.AsSpan(to)));
        return own;
    }

    // A row is what one channel of a tap has in the filters of its group.
    private static void ForEachRow(int[] shape, int groups, Action<int, int, int> copy)
    {
        (int taps, int channels, int filters) = (shape[0] * shape[1], shape[2], shape[3]);
        int width = filters / groups;
        for (int tap = 0; tap < taps; tap++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int group = 0; group < groups; group++)
                {
                    int grouped = (((tap * channels) + channel) * filters) + (group * width);
                    int whole = (((((tap * groups) + group) * channels) + channel) * filters) + (group * width);
                    copy(grouped, whole, width);
                }
            }
        }
    }
}
