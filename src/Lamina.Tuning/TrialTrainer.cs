namespace Lamina.Tuning;

/// <summary>The training that a search tries: how trials get their values, are trained further, and are discarded.</summary>
public abstract class TrialTrainer
{
    /// <summary>Asks for the values of a new trial.</summary>
    /// <param name="hyperParameters">The hyperparameters, whose values are drawn when they are asked for.</param>
    /// <exception cref="ShapeException">The values do not fit together; the trial counts as failed.</exception>
    /// <exception cref="GraphException">As above.</exception>
    /// <exception cref="ConfigException">As above.</exception>
    public abstract void Choose(HyperParameters hyperParameters);

    /// <summary>Trains a trial up to an epoch, from where the last call for it ended, also in an earlier process.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="epochs">The number of epochs that it has had at the end.</param>
    /// <param name="cancellation">Ends the training after the current step; its state is kept.</param>
    /// <returns>The objective after the last epoch; <see langword="null"/> if canceled before that.</returns>
    /// <exception cref="TrialFailedException">The trial cannot be trained, and the search goes on without it.</exception>
    public abstract double? Train(Trial trial, int epochs, CancellationToken cancellation);

    /// <summary>Deletes the weights of a trial that is not among the best and is not trained further.</summary>
    /// <param name="trial">The trial.</param>
    public virtual void Discard(Trial trial) { }

    /// <summary>Describes what is searched, so that a search is not resumed as another.</summary>
    /// <returns>Names and values; all must be the same when the search is resumed.</returns>
    public virtual IReadOnlyDictionary<string, string> Describe() => new Dictionary<string, string>();
}

/// <summary>The error of a trial that cannot be trained, after which a search goes on with others.</summary>
public sealed class TrialFailedException : LaminaException
{
    /// <summary>Creates the error with its one-line message.</summary>
    /// <param name="message">The reason.</param>
    public TrialFailedException(string message)
        : base(message) { }

    /// <summary>Creates the error with its one-line message and the error that caused it.</summary>
    /// <param name="message">The reason.</param>
    /// <param name="innerException">The cause.</param>
    public TrialFailedException(string message, Exception innerException)
        : base(message, innerException) { }
}
