namespace Lamina.Tuning;

/// <summary>An observer of a search with methods to override. All run on the thread of the search.</summary>
public class TuningObserver
{
    /// <summary>Called before a trial is trained.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="epochs">The number of epochs that it is trained up to.</param>
    /// <param name="progress">The position in the search.</param>
    public virtual void OnTrialBegin(Trial trial, int epochs, TuningProgress progress) { }

    /// <summary>Called after a trial was trained up to a rung, or failed.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="best">The best trial so far; <see langword="null"/> if all have failed.</param>
    /// <param name="progress">The position in the search.</param>
    public virtual void OnTrialEnd(Trial trial, Trial? best, TuningProgress progress) { }

    /// <summary>Called for messages about the search, for example that it is resumed.</summary>
    /// <param name="message">The message, one line.</param>
    public virtual void OnMessage(string message) { }
}

/// <summary>The position in a search.</summary>
/// <param name="Begun">The number of trials that have begun.</param>
/// <param name="Trials">The number of trials of the plan.</param>
/// <param name="Epochs">The number of epochs that all trials have had, or would have had without failing.</param>
/// <param name="TotalEpochs">The number of epochs of the plan.</param>
/// <param name="Remaining">The estimated time left; <see langword="null"/> before the first epoch of this process.</param>
public sealed record TuningProgress(int Begun, int Trials, long Epochs, long TotalEpochs, TimeSpan? Remaining);
