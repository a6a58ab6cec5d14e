namespace Lamina;

/// <summary>
/// The mean of any value that a model's plan computes: a loss, a function of target and output in ops, or a symbol of
/// the model. Keras's MeanMetricWrapper and Mean.
/// </summary>
public sealed class MeanOf : MeanMetric
{
    private readonly Func<Symbol, Symbol, Symbol> _function;
    private readonly Symbol? _ofModel;

    /// <summary>Creates a metric that is the mean of a function over samples.</summary>
    /// <param name="function">
    /// Computes values from the targets and the model's output, in ops, as <see cref="Loss.Call"/> does.
    /// </param>
    /// <param name="name">The name under which it is reported.</param>
    public MeanOf(Func<Symbol, Symbol, Symbol> function, string name)
        : base(name)
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
        : this((_, _) => symbol, name)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        _ofModel = symbol;
    }

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output) => _function(target, output);

    /// <summary><see langword="true"/> if it depends on other symbols of a model than its output.</summary>
    internal bool IsOfModel => _ofModel is not null;

    internal override void RequireArrays()
    {
        if (IsOfModel)
        {
            throw new InvalidOperationException(
                $"{Name} is the mean of {_ofModel}, which only the model computes. Pass it to Compile, and use Evaluate or TestOnBatch."
            );
        }
    }
}
