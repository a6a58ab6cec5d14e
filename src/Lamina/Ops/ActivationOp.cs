namespace Lamina;

/// <summary>The elementwise activations.</summary>
public enum ActivationKind
{
    /// <summary>The function max(0, x).</summary>
    Relu,

    /// <summary>The function min(max(0, x), 6).</summary>
    Relu6,

    /// <summary>The function x if x &gt; 0, else alpha · x.</summary>
    LeakyRelu,

    /// <summary>The function x if x &gt; 0, else alpha · (eˣ − 1).</summary>
    Elu,

    /// <summary>The function 1.0507… · elu(x, 1.6732…).</summary>
    Selu,

    /// <summary>The function x · Φ(x), by the error function.</summary>
    Gelu,

    /// <summary>The function 1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>The function log(1 + eˣ).</summary>
    Softplus,

    /// <summary>The function x / (1 + |x|).</summary>
    Softsign,

    /// <summary>The function x · sigmoid(x), also called swish.</summary>
    Silu,

    /// <summary>The function min(max(0, 0.2·x + 0.5), 1), as in Keras 2.</summary>
    HardSigmoid,

    /// <summary>The function eˣ.</summary>
    Exponential,
}

/// <summary>An op that applies an elementwise activation. Input and output: any shape.</summary>
/// <param name="Kind">The activation.</param>
/// <param name="Alpha">The slope or scale below zero, for the kinds that have one.</param>
public sealed record ActivationOp(ActivationKind Kind, double Alpha = 0) : Op
{
    /// <inheritdoc/>
    public override string Name => "activation";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
}

/// <summary>An op that computes exp(x) / Σ exp(x) over the last dimension. Input and output: (…, C).</summary>
public sealed record SoftmaxOp : Op
{
    /// <inheritdoc/>
    public override string Name => "softmax";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0].Rank >= 2 ? inputs[0] : throw new ShapeException($"softmax needs (batch, classes), got {inputs[0]}.");
}

public static partial class Ops
{
    /// <inheritdoc cref="ActivationOp"/>
    /// <param name="x">The input, any shape.</param>
    /// <param name="kind">The activation.</param>
    /// <param name="alpha">The slope or scale below zero, for the kinds that have one.</param>
    public static Symbol Activate(Symbol x, ActivationKind kind, double alpha = 0) =>
        Record(new ActivationOp(kind, alpha), x);

    /// <summary>Returns max(0, x), elementwise.</summary>
    public static Symbol Relu(Symbol x) => Activate(x, ActivationKind.Relu);

    /// <inheritdoc cref="SoftmaxOp"/>
    public static Symbol Softmax(Symbol x) => Record(new SoftmaxOp(), x);
}
