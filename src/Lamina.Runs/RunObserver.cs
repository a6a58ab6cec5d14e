namespace Lamina.Runs;

/// <summary>
/// Observer of a run: override what is of interest. The methods of <see cref="Callback"/> are called for steps and epochs.
/// </summary>
public class RunObserver : Callback
{
    /// <summary>
    /// Called for each image or folder that cannot be read, each time that it is met; from any thread that reads batches.
    /// </summary>
    /// <param name="image">The image and the reason.</param>
    public virtual void OnSkipped(SkippedImage image) { }

    /// <summary>Called with a line about something that may make results worse, such as a class without images.</summary>
    /// <param name="message">One line.</param>
    public virtual void OnWarning(string message) { }

    /// <summary>Called while the baselines are computed, from several threads.</summary>
    /// <param name="share">The share that is done, 0 to 1.</param>
    public virtual void OnBaselineProgress(double share) { }

    /// <summary>
    /// Called while the features of images are computed by layers that are frozen, after <see cref="OnStarted"/> and before the
    /// first step.
    /// </summary>
    /// <param name="progress">How far they are.</param>
    public virtual void OnFeatureProgress(FeatureProgress progress) { }

    /// <summary>Called once, when all is known about the run and before the first step.</summary>
    /// <param name="start">The data, the model and the recipe.</param>
    public virtual void OnStarted(RunStart start) { }

    /// <summary>Called with a line about the course of the run, such as where it is resumed or that layers are unfrozen.</summary>
    /// <param name="message">One line.</param>
    public virtual void OnMessage(string message) { }
}
