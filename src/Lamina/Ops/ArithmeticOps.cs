namespace Lamina;

/// <summary>
/// An op that adds tensors. Shapes broadcast as in NumPy: they align at the last dimension, and 1 stretches.
/// </summary>
public sealed record AddOp : Op
{
    /// <inheritdoc/>
    public override string Name => "add";

    internal override (int Min, int Max) InputCount => (1, int.MaxValue);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Broadcasting.OutputShape(Name, inputs);
}

/// <summary>
/// An op that multiplies tensors. Shapes broadcast as in NumPy: they align at the last dimension, and 1 stretches.
/// </summary>
public sealed record MultiplyOp : Op
{
    /// <inheritdoc/>
    public override string Name => "multiply";

    internal override (int Min, int Max) InputCount => (1, int.MaxValue);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Broadcasting.OutputShape(Name, inputs);
}

/// <summary>
/// An op that computes x · scale + offset with constants: one pair for all, or one per channel (the last dimension).
/// </summary>
/// <param name="Scale">The factor: one number, or one per channel.</param>
/// <param name="Offset">The offset: one number, or one per channel.</param>
public sealed record RescaleOp(IReadOnlyList<float> Scale, IReadOnlyList<float> Offset) : Op
{
    /// <inheritdoc/>
    public override string Name => "rescale";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        foreach (int count in (ReadOnlySpan<int>)[Scale.Count, Offset.Count])
        {
            if (count != 1 && count != inputs[0][^1])
            {
                throw new ShapeException(
                    $"{count} scales or offsets do not match {inputs[0]}. Pass one number, or one per channel."
                );
            }
        }
        return inputs[0];
    }
}

/// <summary>An op that averages over some axes.</summary>
/// <param name="Axes">The axes, from 1, ascending.</param>
/// <param name="KeepDims"><see langword="true"/> to keep the axes with size 1.</param>
public sealed record MeanOp(IReadOnlyList<int> Axes, bool KeepDims) : Op
{
    /// <inheritdoc/>
    public override string Name => "mean";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0];
        List<int?> dims = [];
        for (int i = 0; i < x.Rank; i++)
        {
            if (!Axes.Contains(i))
            {
                dims.Add(x[i]);
            }
            else if (KeepDims)
            {
                dims.Add(1);
            }
        }
        return Axes.Count > 0 && Axes.All(a => a >= 1 && a < x.Rank) && Axes.Distinct().Count() == Axes.Count
            ? new Shape([.. dims])
            : throw new ShapeException($"the axes ({string.Join(", ", Axes)}) are not axes of {x} after its batch.");
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="AddOp"/>
    public static Symbol Add(params ReadOnlySpan<Symbol> inputs) => Record(new AddOp(), inputs);

    /// <inheritdoc cref="MultiplyOp"/>
    public static Symbol Multiply(params ReadOnlySpan<Symbol> inputs) => Record(new MultiplyOp(), inputs);

    /// <inheritdoc cref="RescaleOp"/>
    /// <param name="x">The input, any shape.</param>
    /// <param name="scale">The factor: one number, or one per channel.</param>
    /// <param name="offset">The offset: one number, or one per channel.</param>
    public static Symbol Rescale(Symbol x, IReadOnlyList<float> scale, IReadOnlyList<float> offset)
    {
        ArgumentNullException.ThrowIfNull(scale);
        ArgumentNullException.ThrowIfNull(offset);
        return Record(new RescaleOp([.. scale], [.. offset]), x);
    }

    /// <summary>Returns the mean of all elements, of the whole batch, as a number: a loss for a training step.</summary>
    /// <param name="x">The input, any shape.</param>
    public static Symbol Mean(Symbol x)
    {
        ArgumentNullException.ThrowIfNull(x);
        // The size of the batch is known only when the sum is computed.
        return x.Shape.Rank == 0 ? x : Sum(x) / Sum(Equal(x, x));
    }

    /// <inheritdoc cref="MeanOp"/>
    /// <param name="x">The input.</param>
    /// <param name="axes">The axes, from 1.</param>
    /// <param name="keepDims"><see langword="true"/> to keep the axes with size 1.</param>
    public static Symbol Mean(Symbol x, IReadOnlyList<int> axes, bool keepDims = false)
    {
        ArgumentNullException.ThrowIfNull(axes);
        return Record(new MeanOp([.. axes.Order()], keepDims), x);
    }
}
