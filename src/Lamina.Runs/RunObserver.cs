namespace Lamina.Runs;

/// <summary>
/// An observer of a run with methods to override. The methods of <see cref="Callback"/> are called for steps and epochs.
/// </summary>
public class RunObserver : Callback
{
    /// <summary>
    /// Called for each unreadable image or folder, every time it is encountered, on any thread that reads batches.
    /// </summary>
    /// <param name="image">The image and the reason.</param>
    public virtual void OnSkipped(SkippedImage image) { }

    /// <summary>Called for each warning about something that may degrade results, such as a class without images.</summary>
    /// <param name="message">The message, one line.</param>
    public virtual void OnWarning(string message) { }

    /// <summary>Called while the baselines are computed, from several threads.</summary>
    /// <param name="share">The finished fraction, 0 to 1.</param>
    public virtual void OnBaselineProgress(double share) { }

    /// <summary>
    /// Called while frozen layers compute the features of images: before the first step of a phase, and before
    /// <see cref="OnStarted"/> to find out the preprocessing.
    /// </summary>
    /// <param name="progress">The images done, the rate and the time left.</param>
    public virtual void OnFeatureProgress(FeatureProgress progress) { }

    /// <summary>Called once before the first step, with the complete settings of the run.</summary>
    /// <param name="start">The data, the model and the recipe.</param>
    public virtual void OnStarted(RunStart start) { }

    /// <summary>Called for messages about the run, for example that it is resumed or that layers are unfrozen.</summary>
    /// <param name="message">The message, one line.</param>
    public virtual void OnMessage(string message) { }
}
