namespace Lamina;

/// <summary>
/// The mean of any value that a model's plan computes: a loss, a function of target and output in ops, or a symbol of
/// the model. Keras's MeanMetricWrapper and Mean.
/// </summary>
public sealed class MeanOf : Metric
{
    private readonly Func<Symbol, Symbol, Symbol> _function;

    /// <summary>Creates a metric that is the mean of a function over samples.</summary>
    /// <param name="function">
    /// Computes values from the targets and the model's output, in ops, as <see cref="Loss.Call"/> does.
    /// </param>
    /// <param name="name">The name under which it is reported.</param>
    public MeanOf(Func<Symbol, Symbol, Symbol> function, string name)
        : base(name, stateSize: 2)
    {
        ArgumentNullException.ThrowIfNull(function);
        _function = function;
    }

    /// <summary>Creates a metric that is the mean of a loss, which training need not minimize.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="name">The name under which it is reported. Default: the loss's.</param>
    public MeanOf(Loss loss, string? name = null)
        : this((loss ?? throw new ArgumentNullException(nameof(loss))).Call, name ?? loss.Name) { }

    /// <summary>Creates a metric that is the mean of a symbol of the model, such as the output of a layer.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="name">The name under which it is reported.</param>
    public MeanOf(Symbol symbol, string name)
        : this((_, _) => symbol, name) => ArgumentNullException.ThrowIfNull(symbol);

    internal override string Fingerprint => Name;

    /// <inheritdoc/>
    public override double Result => State[1] == 0 ? 0 : State[0] / State[1];

    /// <summary>Throws: the plan of a compiled model computes the values.</summary>
    /// <param name="output">The model's output.</param>
    /// <param name="target">The targets.</param>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void Update(NDArray output, NDArray target) =>
        throw new InvalidOperationException(
            $"{Name} is computed by a compiled model. Pass it to Compile, and use Evaluate or TestOnBatch."
        );

    /// <summary>Records the ops of the values.</summary>
    internal Symbol Record(Symbol target, Symbol output) => _function(target, output);

    /// <summary>Adds the values of a batch.</summary>
    /// <param name="values">The values, with as many for each sample.</param>
    /// <param name="weights">The weight of each sample; empty for 1.</param>
    internal void Add(ReadOnlySpan<float> values, ReadOnlySpan<float> weights)
    {
        // A value without a batch, of weights alone, counts once.
        bool isWeighted = weights.Length > 0 && values.Length % weights.Length == 0;
        int size = values.Length / (isWeighted ? weights.Length : 1);
        for (int i = 0; i < values.Length; i++)
        {
            double weight = isWeighted ? weights[i / size] : 1;
            State[0] += weight * values[i];
            State[1] += weight;
        }
    }
}
