namespace Lamina;

/// <summary>The functions that reduce many elements to one.</summary>
public enum ReduceKind
{
    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The maximum; NaN if an element is. Equal maxima share the gradient evenly.</summary>
    Max,

    /// <summary>The minimum; NaN if an element is. Equal minima share the gradient evenly.</summary>
    Min,

    /// <summary>The value log Σ eˣ, computed without overflow.</summary>
    LogSumExp,
}

/// <summary>
/// An op that reduces elements along some axes. Axis 0, the batch, may be among them; the result then has no batch, so
/// that it may be part of a loss or a metric but not a model's output.
/// </summary>
/// <param name="Kind">The function.</param>
/// <param name="Axes">The axes, from 0, ascending.</param>
/// <param name="KeepDims"><see langword="true"/> to keep the axes with size 1.</param>
public sealed record ReduceOp(ReduceKind Kind, IReadOnlyList<int> Axes, bool KeepDims) : Op
{
    /// <inheritdoc/>
    public override string Name => Kind == ReduceKind.LogSumExp ? "logsumexp" : OpNames.SnakeCase(Kind);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Reductions.OutputShape(inputs[0], Axes, KeepDims);
}

/// <summary>
/// An op that returns the index of the greatest element along an axis: the first of equal ones, or of NaN. No gradient.
/// The output lacks the axis and contains integers.
/// </summary>
/// <param name="Axis">The axis, from 0.</param>
public sealed record ArgMaxOp(int Axis) : Op
{
    /// <inheritdoc/>
    public override string Name => "argmax";

    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Reductions.OutputShape(inputs[0], [Axis], false);
}

/// <summary>
/// An op that returns rows with a 1 at the given index, else 0. No gradient. Input: (…), integers; an index below 0 or
/// not below <paramref name="Classes"/> yields a row of zeros, as in Keras. Output: (…, classes).
/// </summary>
/// <param name="Classes">The length of a row, at least 1.</param>
public sealed record OneHotOp(int Classes) : Op
{
    /// <inheritdoc/>
    public override string Name => "one_hot";

    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => new([.. inputs[0], Classes]);
}

internal static class Reductions
{
    /// <summary>Returns the shape without some axes, or with 1 in their place.</summary>
    public static Shape OutputShape(Shape x, IReadOnlyList<int> axes, bool keepDims)
    {
        if (axes.Count == 0 || axes.Any(a => a < 0 || a >= x.Rank) || axes.Distinct().Count() != axes.Count)
        {
            throw new ShapeException($"the axes ({string.Join(", ", axes)}) must be distinct axes of {x}.");
        }
        List<int?> dims = [];
        for (int i = 0; i < x.Rank; i++)
        {
            if (!axes.Contains(i))
            {
                dims.Add(x[i]);
            }
            else if (keepDims)
            {
                dims.Add(1);
            }
        }
        return new Shape([.. dims]);
    }
}

public static partial class Ops
{
    /// <summary>Returns the sum along some axes.</summary>
    /// <param name="x">The input.</param>
    /// <param name="axes">
    /// The axes, from 0 (the batch); negative counts from the end; <see langword="null"/> for all.
    /// </param>
    /// <param name="keepDims"><see langword="true"/> to keep the axes with size 1.</param>
    public static Symbol Sum(Symbol x, IReadOnlyList<int>? axes = null, bool keepDims = false) =>
        Reduce(ReduceKind.Sum, x, axes, keepDims);

    /// <summary>Returns the greatest elements along some axes. NaN if one is NaN.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Symbol Max(Symbol x, IReadOnlyList<int>? axes = null, bool keepDims = false) =>
        Reduce(ReduceKind.Max, x, axes, keepDims);

    /// <summary>Returns the least elements along some axes. NaN if one is NaN.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Symbol Min(Symbol x, IReadOnlyList<int>? axes = null, bool keepDims = false) =>
        Reduce(ReduceKind.Min, x, axes, keepDims);

    /// <summary>Returns log Σ eˣ along some axes, without overflow.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Symbol LogSumExp(Symbol x, IReadOnlyList<int>? axes = null, bool keepDims = false) =>
        Reduce(ReduceKind.LogSumExp, x, axes, keepDims);

    /// <inheritdoc cref="ArgMaxOp"/>
    /// <param name="x">The input.</param>
    /// <param name="axis">The axis, from 0 (the batch); negative counts from the end.</param>
    public static Symbol ArgMax(Symbol x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Record(new ArgMaxOp(axis < 0 ? axis + x.Shape.Rank : axis), x);
    }

    /// <inheritdoc cref="OneHotOp"/>
    /// <param name="x">The indices, any shape.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1.</exception>
    public static Symbol OneHot(Symbol x, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        return Record(new OneHotOp(classes), x);
    }

    private static Symbol Reduce(ReduceKind kind, Symbol x, IReadOnlyList<int>? axes, bool keepDims)
    {
        ArgumentNullException.ThrowIfNull(x);
        int rank = x.Shape.Rank;
        int[] resolved = [.. (axes ?? [.. Enumerable.Range(0, rank)]).Select(a => a < 0 ? a + rank : a).Order()];
        return Record(new ReduceOp(kind, resolved, keepDims), x);
    }
}
