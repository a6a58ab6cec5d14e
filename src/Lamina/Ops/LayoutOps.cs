namespace Lamina;

/// <summary>An op that reshapes each sample. The batch and the order of elements do not change.</summary>
/// <param name="Sample">The shape of one sample of the output.</param>
public sealed record ReshapeOp(Shape Sample) : Op
{
    /// <inheritdoc/>
    public override string Name => "reshape";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0].SampleCount == Sample.ElementCount
            ? Sample.Batched(inputs[0][0])
            : throw new ShapeException(
                $"{inputs[0]} has {inputs[0].SampleCount} elements per sample and cannot become {Sample}, "
                    + $"which has {Sample.ElementCount}."
            );
}

/// <summary>
/// An op that reorders the dimensions after the batch, or all dimensions of a tensor without a batch, such as a weight.
/// </summary>
/// <param name="Permutation">
/// The source dimension of each output dimension: from 1 for those after the batch, or from 0 for all.
/// </param>
public sealed record TransposeOp(IReadOnlyList<int> Permutation) : Op
{
    /// <inheritdoc/>
    public override string Name => "transpose";

    /// <summary>The source dimension of each output dimension, including the first.</summary>
    internal IReadOnlyList<int> Order => Permutation.Contains(0) ? Permutation : [0, .. Permutation];

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0];
        if (
            Permutation.Contains(0)
            && !x.HasUnknownBatch
            && Permutation.Order().SequenceEqual(Enumerable.Range(0, x.Rank))
        )
        {
            return new Shape([.. Permutation.Select(d => x[d])]);
        }
        if (!Permutation.Order().SequenceEqual(Enumerable.Range(1, x.Rank - 1)))
        {
            throw new ShapeException(
                $"the permutation ({string.Join(", ", Permutation)}) must contain each dimension of {x} after the batch exactly once."
            );
        }
        Shape result = x;
        for (int i = 0; i < Permutation.Count; i++)
        {
            result = result.With(i + 1, x[Permutation[i]]!.Value);
        }
        return result;
    }
}

/// <summary>
/// An op that adds zeros around images. Input: (N, H, W, C). Output: (N, H + top + bottom, W + left + right, C).
/// </summary>
/// <param name="Pads">The pixels added on each side.</param>
public sealed record PadOp(Pads2 Pads) : Op
{
    /// <inheritdoc/>
    public override string Name => "pad";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0].RequireImages(Name);
        return x.With(1, checked(x[1]!.Value + Pads.Top + Pads.Bottom))
            .With(2, checked(x[2]!.Value + Pads.Left + Pads.Right));
    }
}

/// <summary>An op that concatenates tensors along an axis; all other dimensions are equal.</summary>
/// <param name="Axis">The axis, from 1.</param>
public sealed record ConcatOp(int Axis) : Op
{
    /// <inheritdoc/>
    public override string Name => "concat";

    internal override (int Min, int Max) InputCount => (1, int.MaxValue);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape first = inputs[0];
        int total = 0;
        foreach (Shape x in inputs)
        {
            if (x.Rank != first.Rank || Axis < 1 || Axis >= x.Rank || x.With(Axis, 1) != first.With(Axis, 1))
            {
                throw new ShapeException(
                    $"{x} cannot be concatenated to {first} along axis {Axis}: all other dimensions must be equal."
                );
            }
            total = checked(total + x[Axis]!.Value);
        }
        return first.With(Axis, total);
    }
}

/// <summary>An op that selects a range of one axis.</summary>
/// <param name="Axis">The axis, from 1.</param>
/// <param name="Start">The first index.</param>
/// <param name="Count">The number of indices, at least 1.</param>
public sealed record SliceOp(int Axis, int Start, int Count) : Op
{
    /// <inheritdoc/>
    public override string Name => "slice";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0];
        if (Axis < 1 || Axis >= x.Rank || Start < 0 || Count < 1 || (long)Start + Count > x[Axis])
        {
            throw new ShapeException($"{x} has no range of {Count} from {Start} along axis {Axis}.");
        }
        return x.With(Axis, Count);
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="ReshapeOp"/>
    /// <param name="x">The input.</param>
    /// <param name="sample">The shape of one sample of the output.</param>
    public static Symbol Reshape(Symbol x, Shape sample) => Record(new ReshapeOp(sample), x);

    /// <inheritdoc cref="TransposeOp"/>
    /// <param name="x">The input.</param>
    /// <param name="permutation">
    /// The source dimension of each output dimension: from 1 for those after the batch, or from 0 for all of a tensor
    /// without a batch.
    /// </param>
    public static Symbol Transpose(Symbol x, params IReadOnlyList<int> permutation) =>
        Record(new TransposeOp([.. permutation]), x);

    /// <inheritdoc cref="PadOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="pads">The pixels added on each side, none negative.</param>
    public static Symbol Pad(Symbol x, Pads2 pads) =>
        pads is { Top: >= 0, Bottom: >= 0, Left: >= 0, Right: >= 0 }
            ? Record(new PadOp(pads), x)
            : throw new ArgumentOutOfRangeException(nameof(pads), "Padding must not be negative.");

    /// <inheritdoc cref="ConcatOp"/>
    /// <param name="inputs">At least one tensor.</param>
    /// <param name="axis">The axis, from 1; negative counts from the end.</param>
    public static Symbol Concat(IReadOnlyList<Symbol> inputs, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        return Record(new ConcatOp(axis < 0 ? axis + inputs[0].Shape.Rank : axis), [.. inputs]);
    }

    /// <inheritdoc cref="SliceOp"/>
    /// <param name="x">The input.</param>
    /// <param name="axis">The axis, from 1; negative counts from the end.</param>
    /// <param name="start">The first index.</param>
    /// <param name="count">The number of indices, at least 1.</param>
    public static Symbol Slice(Symbol x, int axis, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Record(new SliceOp(axis < 0 ? axis + x.Shape.Rank : axis, start, count), x);
    }
}
