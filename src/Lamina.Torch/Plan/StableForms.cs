using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>
/// Replaces logarithms of a softmax, of a sigmoid and of sums of exponentials by ops of the logits, which are exact where
/// a probability rounds to 0 or 1 and have stable gradients. Losses are written in plain ops, a program's own like the
/// built-in ones, and this finds the expressions in them.
/// </summary>
/// <param name="kept">The nodes whose values are wanted, which no replacement may pass over.</param>
internal sealed class StableForms(IReadOnlySet<OpNode> kept)
{
    // Up to here, what bounds or shifts the argument of a logarithm keeps it from 0 and is no function of its own. Keras
    // and PyTorch programs use 1e-7 to 1e-12.
    private const double Guard = 1e-6;

    private readonly Dictionary<OpNode, OpNode> _forms = [];

    /// <summary>Returns the node to compute in place of a node: another of the same value, or the node itself.</summary>
    public OpNode Of(OpNode node)
    {
        if (!_forms.TryGetValue(node, out OpNode? form))
        {
            form = Replacement(node)?.Producer ?? node;
            _forms[node] = form;
        }
        return form;
    }

    private Symbol? Replacement(OpNode node) =>
        node switch
        {
            { Op: UnaryOp { Kind: UnaryKind.Log }, Inputs: [var x] } => Log(x, dropsGuards: node.Layer is null),
            { Op: UnaryOp { Kind: UnaryKind.Log1p }, Inputs: [var x] } => Log1p(x, dropsGuards: node.Layer is null),
            { Op: BinaryOp { Kind: BinaryKind.Subtract }, Inputs: [var x, var y] } => Difference(x, y),
            { Op: ReduceOp { Kind: ReduceKind.Sum, KeepDims: false, Axes: [var axis] }, Inputs: [var x] }
                when axis == x.Shape.Rank - 1 => LogLikelihood(x),
            _ => null,
        };

    // Guards stay in layers: what a model predicts, and what its export computes, is what its layers say.
    private Symbol? Log(Symbol x, bool dropsGuards)
    {
        Symbol p = dropsGuards ? Unguarded(x) : x;
        if (SoftmaxLogits(p) is { } logits)
        {
            return Record(new LogSoftmaxOp(), logits);
        }
        if (SigmoidLogits(p) is { } logit)
        {
            return Negative(Softplus(Negative(logit)));
        }
        return Input(p, UnaryComplement) is { } q ? Log1pOfNegative(q, dropsGuards)
            : Input(p, OneMore) is { } e && Exponent(e) is { } exponent ? Softplus(exponent)
            : p.Producer is { Op: ReduceOp { Kind: ReduceKind.Sum } sum, Inputs: [var terms] }
            && IsFree(p)
            && Exponent(terms) is { } values
                ? Record(new ReduceOp(ReduceKind.LogSumExp, sum.Axes, sum.KeepDims), values)
            : null;
    }

    private Symbol? Log1p(Symbol x, bool dropsGuards) =>
        Exponent(x) is { } exponent ? Softplus(exponent)
        : x.Producer is { Op: UnaryOp { Kind: UnaryKind.Negative }, Inputs: [var p] } && IsFree(x)
            ? Log1pOfNegative(p, dropsGuards)
        : null;

    private Symbol? Log1pOfNegative(Symbol p, bool dropsGuards) =>
        SigmoidLogits(dropsGuards ? Unguarded(p) : p) is { } logit ? Negative(Softplus(logit)) : null;

    // x − log Σ exp(x) over the last axis.
    private Symbol? Difference(Symbol x, Symbol y) =>
        x.Shape.Rank >= 2
        && Of(y.Producer)
            is { Op: ReduceOp { Kind: ReduceKind.LogSumExp, KeepDims: true, Axes: [var axis] }, Inputs: [var values] }
        && axis == x.Shape.Rank - 1
        && values.Producer == x.Producer
        && IsFree(y)
            ? Record(new LogSoftmaxOp(), x)
            : null;

    // The sum of a product with one log softmax among its factors, wherever it stands.
    private Symbol? LogLikelihood(Symbol product) =>
        Split(product) is { Others: { } others } split && others.Shape == split.Logits.Shape
            ? WithSign(Record(new LogLikelihoodOp(), split.Logits, others), split.IsNegative)
            : null;

    private LogProduct? Split(Symbol x)
    {
        if (!IsFree(x))
        {
            return null;
        }
        if (Of(x.Producer) is { Op: LogSoftmaxOp, Inputs: [var logits] })
        {
            return new LogProduct(logits, null, false);
        }
        return x.Producer switch
        {
            { Op: UnaryOp { Kind: UnaryKind.Negative }, Inputs: [var y] } when Split(y) is { } split => split with
            {
                IsNegative = !split.IsNegative,
            },
            { Op: MultiplyOp, Inputs: [var a, var b] } when Split(b) is { } split => split.Times(a),
            { Op: MultiplyOp, Inputs: [var a, var b] } when Split(a) is { } split => split.Times(b),
            _ => null,
        };
    }

    private Symbol? SoftmaxLogits(Symbol p) =>
        !IsFree(p)
            ? null
            : p.Producer switch
            {
                { Op: SoftmaxOp, Inputs: [var logits] } => logits,
                // Scaled to a sum of 1: a softmax again, or the definition of one.
                {
                    Op: BinaryOp { Kind: BinaryKind.Divide },
                    Inputs: [
                        var x,
                        {
                            Producer:
                            {
                                Op: ReduceOp { Kind: ReduceKind.Sum, KeepDims: true, Axes: [var axis] },
                                Inputs: [var terms]
                            }
                        } sum,
                    ]
                } when IsSame(x, terms) && axis == x.Shape.Rank - 1 && x.Shape.Rank >= 2 && IsFree(sum) =>
                    SoftmaxLogits(x) ?? Exponent(x),
                _ => null,
            };

    private bool IsSame(Symbol a, Symbol b) =>
        a.Producer == b.Producer || (Exponent(a) is { } x && Exponent(b) is { } y && x.Producer == y.Producer);

    private Symbol? SigmoidLogits(Symbol p) =>
        p.Producer is { Op: ActivationOp { Kind: ActivationKind.Sigmoid }, Inputs: [var logit] } && IsFree(p)
            ? logit
            : null;

    private Symbol? Exponent(Symbol e) =>
        e.Producer
            is { Op: UnaryOp { Kind: UnaryKind.Exp } or ActivationOp { Kind: ActivationKind.Exponential } }
                and { Inputs: [var x] }
        && IsFree(e)
            ? x
            : null;

    private Symbol Unguarded(Symbol x)
    {
        while (Input(x, GuardedInput) is { } inner)
        {
            x = inner;
        }
        return x;
    }

    private Symbol? Input(Symbol x, Func<OpNode, Symbol?> of) => IsFree(x) ? of(x.Producer) : null;

    private static Symbol? GuardedInput(OpNode node) =>
        node switch
        {
            { Op: ClipOp { Min: <= Guard, Max: >= 1 - Guard }, Inputs: [var x] } => x,
            { Op: BinaryOp { Kind: BinaryKind.Maximum } or AddOp, Inputs: [var x, var y] } => IsGuard(y) ? x
            : IsGuard(x) ? y
            : null,
            _ => null,
        };

    private static Symbol? UnaryComplement(OpNode node) =>
        node is { Op: BinaryOp { Kind: BinaryKind.Subtract }, Inputs: [var one, var p] } && NumberOf(one) == 1
            ? p
            : null;

    private static Symbol? OneMore(OpNode node) =>
        node is not { Op: AddOp, Inputs: [var x, var y] } ? null
        : NumberOf(x) == 1 ? y
        : NumberOf(y) == 1 ? x
        : null;

    private static bool IsGuard(Symbol x) => NumberOf(x) is >= 0 and <= (float)Guard;

    private static float? NumberOf(Symbol x) => x.Producer.Op is ConstantOp { Values: [var value] } ? value : null;

    private bool IsFree(Symbol x) => !kept.Contains(x.Producer);

    private static Symbol Softplus(Symbol x) => Record(new ActivationOp(ActivationKind.Softplus), x);

    private static Symbol Negative(Symbol x) =>
        // −(−x), which the logarithm of a sigmoid of −x would have.
        x.Producer
            is { Op: UnaryOp { Kind: UnaryKind.Negative }, Inputs: [var y] }
            ? y
            : Record(new UnaryOp(UnaryKind.Negative), x);

    private static Symbol WithSign(Symbol x, bool isNegative) => isNegative ? Negative(x) : x;

    // Without their layers, so that the op does not become a node of the model.
    private static Symbol Record(Op op, params ReadOnlySpan<Symbol> inputs)
    {
        var detached = new Symbol[inputs.Length];
        for (int i = 0; i < detached.Length; i++)
        {
            detached[i] = new Symbol(inputs[i].Shape, inputs[i].Producer);
        }
        return OpNode.Record(op, detached);
    }

    /// <summary>A product with one log softmax.</summary>
    /// <param name="Logits">The logits of the softmax.</param>
    /// <param name="Others">The product of the other factors; <see langword="null"/> if there are none.</param>
    /// <param name="IsNegative"><see langword="true"/> if the product has the other sign.</param>
    private sealed record LogProduct(Symbol Logits, Symbol? Others, bool IsNegative)
    {
        public LogProduct Times(Symbol factor) =>
            this with
            {
                Others = Others is null ? factor : Record(new MultiplyOp(), factor, Others),
            };
    }
}
