using Lamina.Torch;

namespace Lamina;

/// <summary>
/// Compiles functions from arrays to values and gradients, for training loops of your own and for attributions: a static
/// counterpart of TensorFlow's GradientTape.
/// </summary>
/// <remarks>
/// The loss is any symbol that is computed from inputs by layers and <see cref="Ops"/>. If it is not a number, the
/// gradients are those of the sum of its elements, as in TensorFlow.
/// </remarks>
/// <example>
/// <code>
/// Symbol target = Input(1);
/// Symbol loss = Ops.Mean(Ops.Square(model.Outputs[0] - target));
/// using GradientFunction step = Gradients.Of(loss, model.TrainableWeights);
/// GradientResult result = step.Run(x, y);
/// </code>
/// </example>
public static class Gradients
{
    /// <summary>Compiles the gradient of a loss by one symbol: an input, a layer's output, or a weight.</summary>
    /// <param name="loss">The loss, of any shape.</param>
    /// <param name="by">The symbol.</param>
    /// <param name="options">The options; the defaults if <see langword="null"/>.</param>
    /// <exception cref="GraphException">No gradient reaches the symbol, or an input is missing.</exception>
    public static GradientFunction Of(Symbol loss, Symbol by, GradientOptions? options = null) =>
        Of(loss, [by], options);

    /// <summary>Compiles the gradient of a loss by one weight, trained or frozen.</summary>
    /// <param name="loss">The loss, of any shape.</param>
    /// <param name="by">The weight.</param>
    /// <param name="options">The options; the defaults if <see langword="null"/>.</param>
    /// <exception cref="GraphException">No gradient reaches the weight, or an input is missing.</exception>
    public static GradientFunction Of(Symbol loss, Weight by, GradientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(by);
        return Of(loss, [by.Symbol], options);
    }

    /// <summary>Compiles the gradients of a loss by weights, trained or frozen.</summary>
    /// <param name="loss">The loss, of any shape.</param>
    /// <param name="by">The weights.</param>
    /// <param name="options">The options; the defaults if <see langword="null"/>.</param>
    /// <exception cref="GraphException">No gradient reaches a weight, or an input is missing.</exception>
    public static GradientFunction Of(Symbol loss, IReadOnlyList<Weight> by, GradientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(by);
        return Of(loss, [.. by.Select(w => w.Symbol)], options);
    }

    /// <summary>Compiles the gradients of a loss by symbols: inputs, layers' outputs, and weights' symbols.</summary>
    /// <param name="loss">The loss, of any shape.</param>
    /// <param name="by">The symbols.</param>
    /// <param name="options">The options; the defaults if <see langword="null"/>.</param>
    /// <exception cref="GraphException">No gradient reaches a symbol, or an input is missing.</exception>
    public static GradientFunction Of(Symbol loss, IReadOnlyList<Symbol> by, GradientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(by);
        options ??= new GradientOptions();
        ArgumentNullException.ThrowIfNull(options.Values);
        Symbol[] targets = [loss, .. options.Values];
        var all = new OpGraph([], targets, options.Training);
        IReadOnlyList<Symbol> inputs = options.Inputs ?? GradientPaths.InputsOf(all);
        GradientPaths.RequireInputs(all, inputs);
        GradientPaths.Require(new OpGraph([], [loss], options.Training, by), loss, by);
        return new GradientFunction(loss, by, inputs, options);
    }
}
