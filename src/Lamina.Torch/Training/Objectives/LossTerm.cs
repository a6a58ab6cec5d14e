namespace Lamina.Torch;

/// <summary>
/// The loss of one output in a plan: the symbols that the plan computes for it, and the loss and its gradient from
/// these.
/// </summary>
internal abstract class LossTerm(OutputLoss part)
{
    /// <summary>The output and its loss.</summary>
    public OutputLoss Part { get; } = part;

    /// <summary>The targets as input of the plan; <see langword="null"/> if the plan does not read them.</summary>
    public virtual Symbol? Target => null;

    /// <summary>
    /// The symbols that the plan computes: first the one that metrics read, last the one that has a gradient.
    /// </summary>
    public abstract IReadOnlyList<Symbol> Computed { get; }

    /// <summary><see langword="true"/> if metrics read logits instead of the output.</summary>
    public virtual bool ScoresAreLogits => false;

    /// <summary>Creates the term of a loss for targets of one shape.</summary>
    /// <param name="part">The loss.</param>
    /// <param name="model">The model.</param>
    /// <param name="target">The shape of the targets.</param>
    public static LossTerm Create(OutputLoss part, Model model, Shape target)
    {
        Symbol output = model.Outputs[part.Output];
        try
        {
            return part.Loss.IsFused ? new FusedTerm(part, output) : new OpTerm(part, output, target);
        }
        catch (ShapeException e)
        {
            throw new LaminaException(
                $"{part.Loss.Name}{(part.Name.Length > 0 ? $" of {part.Name}" : "")}: {e.Message}"
            );
        }
        catch (LaminaException e) when (part.Name.Length > 0)
        {
            throw new LaminaException($"{part.Name}: {e.Message}");
        }
    }

    /// <summary>Returns an input of a plan for targets of one shape.</summary>
    public static Symbol TargetOf(Shape target) =>
        // Indices of classes are columns, as outputs are.
        OpNode.Record(new InputOp(target.Rank == 1 ? new Shape([null, 1]) : target.WithBatch(null)), []);

    /// <summary>Returns a symbol without its layer, so that ops on it are not recorded in the model's graph.</summary>
    public static Symbol Detached(Symbol symbol) => new(symbol.Shape, symbol.Producer);

    /// <summary>Returns the symbol that a loss reads of an output: its logits, or the output itself.</summary>
    public static Symbol HeadOf(Symbol output, Loss loss) =>
        loss is { IsFused: true, PrefersLogits: true } ? LogitsHead.Of(output) : output;

    /// <summary>Computes the mean loss of a batch.</summary>
    /// <param name="results">The results of the plan, on the CPU.</param>
    /// <param name="target">The targets.</param>
    /// <param name="gradient">
    /// Receives the gradient of the last of <see cref="Computed"/>, with the loss's weight; empty if not wanted.
    /// </param>
    /// <param name="weights">The factor of each sample's loss; empty for 1.</param>
    public abstract double Compute(
        ReadOnlySpan<Tensor> results,
        NDArray target,
        Span<float> gradient,
        ReadOnlySpan<float> weights
    );
}

/// <summary>A loss that one loop computes with its gradient.</summary>
internal sealed class FusedTerm(OutputLoss part, Symbol output) : LossTerm(part)
{
    private readonly Symbol _head = HeadOf(output, part.Loss);

    public override IReadOnlyList<Symbol> Computed => [_head];

    public override bool ScoresAreLogits => _head != output;

    public override double Compute(
        ReadOnlySpan<Tensor> results,
        NDArray target,
        Span<float> gradient,
        ReadOnlySpan<float> weights
    )
    {
        double value = Part.Loss.Compute(results[0], target, ScoresAreLogits, gradient, weights);
        if (Part.Weight != 1)
        {
            foreach (ref float slope in gradient)
            {
                slope *= (float)Part.Weight;
            }
        }
        return value;
    }
}

/// <summary>A loss in ops, which the plan computes and differentiates like the model.</summary>
internal sealed class OpTerm : LossTerm
{
    private readonly Symbol _target;
    private readonly Symbol _losses;
    private readonly Symbol _output;

    public OpTerm(OutputLoss part, Symbol output, Shape target)
        : base(part)
    {
        _target = TargetOf(target);
        Shape shape = _target.Shape;
        _output = Detached(output);
        _losses = part.Loss.Call(_target, _output);
        if (_losses.Shape.Rank == 0 || _losses.Shape[0] is not null)
        {
            throw new LaminaException(
                $"{part.Loss.Name}: Call returned {_losses.Shape} for targets {shape} and outputs {output.Shape}. It must return one value for each sample, (batch, …); the framework computes their mean."
            );
        }
    }

    public override Symbol? Target => _target;

    // The output first, so that the model's ops have the same positions in a plan as without the loss: dropout masks
    // depend on them.
    public override IReadOnlyList<Symbol> Computed => [_output, _losses];

    public override double Compute(
        ReadOnlySpan<Tensor> results,
        NDArray target,
        Span<float> gradient,
        ReadOnlySpan<float> weights
    )
    {
        ReadOnlySpan<float> losses = results[^1].AsSpan();
        int size = losses.Length / Math.Max(1, weights.Length);
        double sum = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            double weight = weights.IsEmpty ? 1 : weights[i / size];
            // A sample that does not count may have a loss that is not finite.
            sum += weight == 0 ? 0 : weight * losses[i];
            if (!gradient.IsEmpty)
            {
                gradient[i] = (float)(Part.Weight * weight / losses.Length);
            }
        }
        return sum / losses.Length;
    }
}
