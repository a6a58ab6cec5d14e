using Lamina;

namespace Extending;

/// <summary>The F1 score of one class: the harmonic mean of its precision and its recall.</summary>
internal sealed class F1(int positive = 1) : Metric("f1", stateSize: 3)
{
    /// <summary>Returns 2·TP / (2·TP + FP + FN); 0 before any sample of the class.</summary>
    public override double Result => State[0] == 0 ? 0 : 2 * State[0] / ((2 * State[0]) + State[1] + State[2]);

    /// <summary>Returns 1 in the column of true positives, false positives or false negatives, (batch, 3).</summary>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol predicted = Ops.Reshape(Ops.Equal(Ops.ArgMax(output), positive), Shape.Of(1));
        Symbol actual = Ops.Equal(target, positive);
        return Ops.Concat([predicted * actual, predicted * (1 - actual), (1 - predicted) * actual]);
    }
}
