namespace Lamina.Torch;

/// <summary>The loss of one output in a plan, for targets of one shape: the symbols that the plan computes for it.</summary>
internal sealed class LossTerm
{
    private LossTerm(OutputLoss part, Symbol output, Shape target)
    {
        (Part, Target, Output, Scores) = (part, TargetOf(target), output, LogitsHead.Of(output));
        Losses = part.Loss.Call(Target, Detached(output));
        if (Losses.Shape.Rank == 0 || Losses.Shape[0] is not null)
        {
            throw new LaminaException(
                $"{part.Loss.Name}: Call returned {Losses.Shape} for targets {Target.Shape} and outputs {output.Shape}. It must return one value for each sample, (batch, …); the framework computes their mean."
            );
        }
    }

    /// <summary>The output and its loss.</summary>
    public OutputLoss Part { get; }

    /// <summary>The targets as input of the plan.</summary>
    public Symbol Target { get; }

    /// <summary>The model's output.</summary>
    public Symbol Output { get; }

    /// <summary>The symbol that metrics of ranks read: the logits of a final softmax, or the output.</summary>
    public Symbol Scores { get; }

    /// <summary><see langword="true"/> if <see cref="Scores"/> are logits instead of the output.</summary>
    public bool ScoresAreLogits => Scores != Output;

    /// <summary>The loss of each sample.</summary>
    public Symbol Losses { get; }

    /// <summary>Creates the term of a loss for targets of one shape.</summary>
    /// <param name="part">The loss.</param>
    /// <param name="model">The model.</param>
    /// <param name="target">The shape of the targets.</param>
    public static LossTerm Create(OutputLoss part, Model model, Shape target)
    {
        try
        {
            return new LossTerm(part, model.Outputs[part.Output], target);
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

    /// <summary>Returns a symbol without its layer, so that ops on it are not recorded in the model's graph.</summary>
    public static Symbol Detached(Symbol symbol) => new(symbol.Shape, symbol.Producer);

    /// <summary>Returns <see langword="true"/> if a metric can read <see cref="Scores"/>.</summary>
    public bool Suits(Metric metric) =>
        // One unit has a threshold, which logits do not share.
        !ScoresAreLogits || (metric.AcceptsLogits && Scores.Shape[^1] > 1);

    // Indices of classes are columns, as outputs are.
    internal static Symbol TargetOf(Shape target) =>
        OpNode.Record(new InputOp(target.Rank == 1 ? new Shape([null, 1]) : target.WithBatch(null)), []);
}
