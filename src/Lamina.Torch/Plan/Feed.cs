using Lamina.Torch;

namespace Lamina;

/// <summary>Converts arrays to tensors and back, checked against a model's inputs.</summary>
internal static class Feed
{
    public static Tensor[] ToTensors(Model model, IReadOnlyList<NDArray> arrays, Device device)
    {
        if (arrays.Count != model.Inputs.Count)
        {
            throw new ShapeException($"{model.Name} requires {model.Inputs.Count} input(s), got {arrays.Count}.");
        }
        for (int i = 0; i < arrays.Count; i++)
        {
            Shape needed = model.Inputs[i].Shape;
            Shape got = arrays[i].Shape;
            if (got.Rank != needed.Rank || got.Sample != needed.Sample || (needed[0] ?? got[0]) != got[0])
            {
                throw new ShapeException(
                    $"{model.Inputs[i].Layer}: the model requires {needed}, got {got}. Resize the images, or build the model for them."
                );
            }
        }
        return [.. arrays.Select(a => Tensor.FromSpan(a.Values, [.. a.Shape.ToArray().Select(d => (long)d)], device))];
    }

    /// <summary>Converts the arguments of a compiled function.</summary>
    /// <exception cref="ShapeException">The arrays do not fit the inputs.</exception>
    public static Tensor[] ToTensors(IReadOnlyList<Symbol> inputs, IReadOnlyList<NDArray> arrays, Device device)
    {
        if (arrays.Count != inputs.Count)
        {
            throw new ShapeException(
                $"the function requires {inputs.Count} array(s) for {string.Join(", ", inputs)}, got {arrays.Count}."
            );
        }
        for (int i = 0; i < arrays.Count; i++)
        {
            Shape needed = inputs[i].Shape;
            Shape got = arrays[i].Shape;
            if (got.Rank != needed.Rank || got.Sample != needed.Sample || (needed[0] ?? got[0]) != got[0])
            {
                throw new ShapeException($"{inputs[i]}: the function requires {needed}, got {got}.");
            }
        }
        return [.. arrays.Select(a => Tensor.FromSpan(a.Values, [.. a.Shape.ToArray().Select(d => (long)d)], device))];
    }

    public static Shape ShapeOf(Tensor tensor) => Shape.Of([.. tensor.Sizes.ToArray().Select(d => (int)d)]);

    public static NDArray ToArray(Tensor tensor)
    {
        var result = new NDArray(ShapeOf(tensor));
        tensor.CopyTo(result.Values);
        return result;
    }

    public static void Free(IEnumerable<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            tensor.Dispose();
        }
    }
}
