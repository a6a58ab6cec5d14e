namespace Lamina.Bench;

/// <summary>A model's weights under PyTorch's names and in its layouts.</summary>
internal sealed class PeerLayouts(Model model)
{
    public IEnumerable<SafetensorsEntry> Entries()
    {
        Shape? flattened = null;
        foreach (Node node in model.Nodes)
        {
            // Only the first dense layer after a Flatten sees the order in which that lays out an image.
            if (node.Layer is Flatten)
            {
                flattened = node.Inputs[0].Shape;
            }
            foreach (Weight weight in node.Layer.Weights)
            {
                NDArray values = new(weight.Shape, weight.GetValues());
                values = (node.Layer, weight.Name) switch
                {
                    (Conv2D, "kernel") => Kernel(values),
                    (Dense, "kernel") => Transposed(values, flattened),
                    _ => values,
                };
                yield return new SafetensorsEntry($"{node.Layer.Name}.{NameOf(weight)}", values);
            }
            flattened = node.Layer is Dense ? null : flattened;
        }
    }

    private static string NameOf(Weight weight) =>
        weight.Name switch
        {
            "kernel" or "gamma" => "weight",
            "bias" or "beta" => "bias",
            "moving_mean" => "running_mean",
            "moving_variance" => "running_var",
            var other => throw new LaminaException($"{weight.Path}: peers have no weight {other}."),
        };

    // (kh, kw, in, out) to (out, in, kh, kw).
    private static NDArray Kernel(NDArray source)
    {
        (int height, int width) = (source.Shape[0]!.Value, source.Shape[1]!.Value);
        (int inputs, int outputs) = (source.Shape[2]!.Value, source.Shape[3]!.Value);
        var result = new NDArray(Shape.Of(outputs, inputs, height, width));
        int taps = height * width;
        for (int i = 0; i < source.Values.Length; i++)
        {
            int output = i % outputs;
            int input = i / outputs % inputs;
            int tap = i / outputs / inputs;
            result.Values[(((output * inputs) + input) * taps) + tap] = source.Values[i];
        }
        return result;
    }

    // (in, out) to (out, in); rows that came from an image (H, W, C) are put in the order (C, H, W).
    private static NDArray Transposed(NDArray source, Shape? image)
    {
        (int inputs, int outputs) = (source.Shape[0]!.Value, source.Shape[1]!.Value);
        int channels = image?[3]!.Value ?? 1;
        int pixels = inputs / channels;
        var result = new NDArray(Shape.Of(outputs, inputs));
        for (int i = 0; i < inputs; i++)
        {
            int column = (i % channels * pixels) + (i / channels);
            for (int o = 0; o < outputs; o++)
            {
                result.Values[(o * inputs) + column] = source.Values[(i * outputs) + o];
            }
        }
        return result;
    }
}
