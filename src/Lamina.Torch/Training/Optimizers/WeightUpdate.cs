namespace Lamina;

/// <summary>One weight in one update, as symbols: what an optimizer's rule reads.</summary>
/// <remarks>
/// A rule is recorded once for each shape of weights and compiled for the device that trains. A choice by the update's number
/// belongs in <see cref="Scalar"/>, a choice by values in <see cref="Ops.Where"/>.
/// </remarks>
public sealed class WeightUpdate
{
    private readonly List<(Symbol Symbol, Func<UpdateStep, double> Value)> _scalars = [];
    private Symbol? _rate;

    internal WeightUpdate(Shape shape, int slots)
    {
        Weight = Input(shape);
        Slots = [.. Enumerable.Range(0, slots).Select(_ => Input(shape))];
        Gradient = Input(shape);
    }

    /// <summary>The weight's values, in its public shape: (filter height, filter width, channels, filters) for kernels.</summary>
    public Symbol Weight { get; }

    /// <summary>The gradient of the loss, after clipping and accumulation, in the weight's shape.</summary>
    public Symbol Gradient { get; }

    /// <summary>
    /// The values kept for the weight between updates, initially zero, in its shape and in the order of
    /// <see cref="Optimizer.SlotNames"/>.
    /// </summary>
    public IReadOnlyList<Symbol> Slots { get; }

    /// <summary>The learning rate of this update, of shape (), with the factor of the weight's <see cref="WeightRule"/>.</summary>
    public Symbol LearningRate => _rate ??= Scalar(s => s.LearningRate);

    /// <summary>
    /// Returns a number of shape () that each update computes on the host in float64, such as a correction by the
    /// update's number.
    /// </summary>
    /// <param name="value">Computes the number. It must depend on its argument alone, so that a resumed run repeats it.</param>
    public Symbol Scalar(Func<UpdateStep, double> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Symbol symbol = Input(Shape.Of());
        _scalars.Add((symbol, value));
        return symbol;
    }

    internal IReadOnlyList<(Symbol Symbol, Func<UpdateStep, double> Value)> Scalars => _scalars;

    private static Symbol Input(Shape shape) => OpNode.Record(new InputOp(shape), []);
}

/// <summary>The numbers of one update of one weight.</summary>
/// <param name="Number">The update's number, from 1.</param>
/// <param name="LearningRate">The learning rate, with the factor of the weight's <see cref="WeightRule"/>.</param>
/// <param name="DecayFactor">The factor on the weight decay that the weight's <see cref="WeightRule"/> sets; otherwise 1.</param>
public readonly record struct UpdateStep(long Number, double LearningRate, double DecayFactor);

/// <summary>The values after an update, as an optimizer's rule returns them.</summary>
/// <param name="weight">The weight's new values.</param>
/// <param name="slots">The new values of the slots, in the order of <see cref="Optimizer.SlotNames"/>.</param>
public sealed class UpdatedWeight(Symbol weight, params IReadOnlyList<Symbol> slots)
{
    /// <summary>The weight's new values.</summary>
    public Symbol Weight { get; } = weight;

    /// <summary>The new values of the slots.</summary>
    public IReadOnlyList<Symbol> Slots { get; } = slots;
}
