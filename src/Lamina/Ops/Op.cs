namespace Lamina;

/// <summary>
/// An operation of the small closed set that engines and exporters understand. Layers are written in ops. An op is
/// its attributes and a rule that gives its output's shape; an engine brings its kernel. Every op has one output.
/// </summary>
public abstract record Op
{
    /// <summary>The op's name in error messages and profiles, in snake case.</summary>
    public abstract string Name { get; }

    /// <summary>The output's shape for these input shapes.</summary>
    /// <exception cref="ShapeException">The op cannot take these shapes.</exception>
    public abstract Shape InferShape(ReadOnlySpan<Shape> inputs);

    /// <summary>How many inputs the op takes.</summary>
    internal virtual (int Min, int Max) InputCount => (1, 1);

    /// <summary>
    /// <see langword="true"/> if gradients flow through the op; <see langword="false"/> where its output is piecewise
    /// constant (comparisons, argmax), so that nothing upstream is trained through it.
    /// </summary>
    public virtual bool IsDifferentiable => true;
}

/// <summary>The factories of the ops: what a layer's <see cref="Layer.Call"/> is written in.</summary>
public static partial class Ops
{
    private static Symbol Record(Op op, params ReadOnlySpan<Symbol> inputs) => OpNode.Record(op, inputs);
}
