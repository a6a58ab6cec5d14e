namespace Lamina;

/// <summary>A node that is computed when the file is read, with its inputs.</summary>
/// <param name="Node">The node.</param>
/// <param name="Inputs">The inputs; <see langword="null"/> for an omitted one.</param>
internal sealed record FoldedNode(ImportedNode Node, FoldedTensor?[] Inputs)
{
    public ModelFileException Error(string what) => Node.Error(what);

    /// <summary>Creates an error for a computation that needs the batch size as a number.</summary>
    public ModelFileException NeedsBatch() =>
        Error("depends on the batch size, which stays open in Lamina. Export the model with a fixed batch size");

    public FoldedTensor Input(int index) =>
        index < Inputs.Length && Inputs[index] is { } input ? input : throw Error($"lacks input {index}");

    /// <summary>
    /// Returns integers that do not depend on the batch: an attribute in old versions of the operator, an input in new
    /// ones.
    /// </summary>
    public long[]? Whole(string attribute, int input)
    {
        if (Node.Ints(attribute) is { } values)
        {
            return values;
        }
        return input < Inputs.Length && Inputs[input] is { } tensor ? Whole(tensor) : null;
    }

    public long[] Whole(FoldedTensor tensor) =>
        tensor.IsReal ? throw Error("needs integers")
        : tensor.DependsOnBatch ? throw NeedsBatch()
        : [.. tensor.Elements.Select(e => e.Whole)];

    /// <summary>Returns an axis of a tensor of this rank, counted from the end if negative.</summary>
    public int Axis(long axis, int rank)
    {
        long from = axis < 0 ? axis + rank : axis;
        return from >= 0 && from < rank
            ? (int)from
            : throw Error($"refers to dimension {axis} of {rank}, which does not exist");
    }
}
