using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A training step that a program writes, like Keras's <c>train_step</c>: <c>Fit</c> calls it for each batch and does the
/// rest as ever (epochs, means, metrics, callbacks, checkpoints).
/// </summary>
/// <remarks>
/// A step that changes what <c>Compile</c> defined, for instance the batch, calls <see cref="RunCompiled"/>; set it as
/// <see cref="CompiledModel.CustomStep"/>. A step with losses and optimizers of its own creates a minimizer for each, in its
/// constructor, and is passed to <c>Compile</c>. To evaluate such a step, implement <see cref="ITestStep"/>.
/// </remarks>
/// <example>
/// <code>
/// internal sealed class GanStep : TrainStep
/// {
///     private readonly Minimizer _discriminator;
///     private readonly Minimizer _generator;
///
///     public GanStep(…)
///     {
///         _discriminator = Minimize("discriminator", discriminatorLoss, new Adam(1e-4), discriminator.TrainableWeights);
///         _generator = Minimize("generator", generatorLoss, new Adam(1e-4), generator.TrainableWeights);
///     }
///
///     protected override IReadOnlyDictionary&lt;string, double&gt; Run(Batch batch) =>
///         new Dictionary&lt;string, double&gt;
///         {
///             ["d_loss"] = _discriminator.Run(batch.Inputs).Loss,
///             ["g_loss"] = _generator.Run(Noise(batch.Count)).Loss,
///         };
/// }
/// </code>
/// </example>
public abstract class TrainStep : IDisposable
{
    private readonly List<(string Name, Minimizer Minimizer)> _minimizers = [];
    private CustomStepRunner? _runner;

    /// <summary>The model that the step trains.</summary>
    /// <exception cref="InvalidOperationException">The step is not compiled.</exception>
    protected Model Model => Runner.Compiled.Model;

    /// <summary>
    /// The metrics of <c>Compile</c>. A step that does not call <see cref="RunCompiled"/> updates them itself; <c>Fit</c>
    /// resets and reports them.
    /// </summary>
    /// <exception cref="InvalidOperationException">The step is not compiled.</exception>
    protected IReadOnlyList<Metric> Metrics => Runner.Metrics;

    /// <summary>Returns the names and values for the logs, after a step on one batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <returns>The values by name, the same names in each step; logs contain their means over an epoch.</returns>
    protected abstract IReadOnlyDictionary<string, double> Run(Batch batch);

    /// <summary>Takes the step that <c>Compile</c> defined by its optimizer and losses.</summary>
    /// <param name="batch">The samples.</param>
    /// <returns>The <c>loss</c>, and with several outputs the loss of each.</returns>
    /// <exception cref="InvalidOperationException">The model was compiled without an optimizer and a loss.</exception>
    protected IReadOnlyDictionary<string, double> RunCompiled(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Runner.RunCompiled(batch);
    }

    /// <summary>
    /// Returns random numbers for this step. They depend on the seed of <c>Compile</c> and the number of the step, so that a
    /// resumed run draws the same.
    /// </summary>
    /// <param name="index">The index of the stream among those of one step.</param>
    protected RandomStream Random(int index = 0) =>
        new(Runner.Compiled.Seed, RandomPurpose.User, Runner.Compiled.Step, index);

    /// <summary>Compiles a loss, an optimizer and weights to a part of this step; its state is in checkpoints.</summary>
    /// <param name="name">The name of the part in checkpoints: letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="loss">The loss; if it is not a number, the step minimizes its mean.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="weights">The weights to update.</param>
    /// <param name="inputs">The inputs, in the order of the arguments. Default: those that the loss depends on.</param>
    /// <param name="values">Further symbols whose values a step returns. Default: none.</param>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    /// <exception cref="GraphException">No gradient reaches a weight, or an input is missing.</exception>
    protected Minimizer Minimize(
        string name,
        Symbol loss,
        Optimizer optimizer,
        IReadOnlyList<Weight> weights,
        IReadOnlyList<Symbol>? inputs = null,
        IReadOnlyList<Symbol>? values = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') || _minimizers.Any(m => m.Name == name))
        {
            throw new ArgumentException(
                $"'{name}' is not a name, or is used twice. Use letters, digits, _ and -, and another name for each part.",
                nameof(name)
            );
        }
        Minimizer minimizer = optimizer.Minimize(loss, weights, inputs, values);
        _minimizers.Add((name, minimizer));
        return minimizer;
    }

    /// <summary>
    /// Returns the step's arguments; a resumed run compares them. Default: the name of its class.
    /// </summary>
    public virtual JsonObject GetConfig() => new() { ["class_name"] = GetType().FullName };

    internal IReadOnlyList<(string Name, Minimizer Minimizer)> Minimizers => _minimizers;

    private CustomStepRunner Runner =>
        _runner
        ?? throw new InvalidOperationException(
            $"{GetType().Name} is not compiled. Pass it to Compile, or set it as CustomStep, before it runs."
        );

    internal void RequireFree()
    {
        if (_runner is not null)
        {
            throw new InvalidOperationException(
                $"{GetType().Name} belongs to {_runner.Compiled.Model.Name} already. Create another for each Compile."
            );
        }
    }

    internal void Attach(CustomStepRunner runner) => _runner = runner;

    internal IReadOnlyDictionary<string, double> RunOnce(Batch batch) => Run(batch);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of the step's parts.</summary>
    /// <param name="disposing"><see langword="true"/> if it is called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _minimizers.ForEach(m => m.Minimizer.Dispose());
        }
    }
}

/// <summary>A <see cref="TrainStep"/> that also evaluates, like Keras's <c>test_step</c>.</summary>
public interface ITestStep
{
    /// <summary>Returns the names and values for the logs of one evaluated batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <returns>The values by name, the same names for each batch; logs contain their means.</returns>
    IReadOnlyDictionary<string, double> Test(Batch batch);
}
