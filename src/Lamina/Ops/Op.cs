namespace Lamina;

/// <summary>
/// An operation of the small closed set that engines and exporters understand. Layers are written in ops. An op
/// consists of its attributes and a rule for its output's shape; an engine provides its kernel. Every op has one
/// output.
/// </summary>
public abstract record Op
{
    /// <summary>The op's name in error messages and profiles, in snake case.</summary>
    public abstract string Name { get; }

    /// <summary>Returns the output's shape for these input shapes.</summary>
    /// <exception cref="ShapeException">The op does not accept these shapes.</exception>
    public abstract Shape InferShape(ReadOnlySpan<Shape> inputs);

    /// <summary>The least and greatest number of inputs that the op accepts.</summary>
    internal virtual (int Min, int Max) InputCount => (1, 1);

    /// <summary>
    /// <see langword="true"/> if gradients flow through the op; <see langword="false"/> if its output is piecewise
    /// constant (comparisons, argmax), so that nothing upstream is trained through it.
    /// </summary>
    public virtual bool IsDifferentiable => true;
}

/// <summary>The functions that create ops, in which <see cref="Layer.Call"/> is written.</summary>
public static partial class Ops
{
    private static Symbol Record(Op op, params ReadOnlySpan<Symbol> inputs) => OpNode.Record(op, inputs);
}
