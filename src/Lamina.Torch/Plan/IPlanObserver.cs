namespace Lamina.Torch;

/// <summary>
/// An observer that is notified after each part of a step. A plan without one, as in all runs except profiles, reads no
/// clock.
/// </summary>
internal interface IPlanObserver
{
    /// <summary>Notifies that a kernel ran forward, ran forward again for a recomputation, or ran backward.</summary>
    /// <param name="part">The part: forward, recompute or backward.</param>
    /// <param name="step">The step of the plan.</param>
    /// <param name="started">The timestamp of its begin (<see cref="System.Diagnostics.Stopwatch"/>).</param>
    void Ran(StepPart part, PlanStep step, long started);

    /// <summary>Notifies that a weight was updated.</summary>
    void Updated(Weight weight, long started);

    /// <summary>Notifies that the batch was fed, or the loss computed.</summary>
    void Did(StepPart part, long started);
}
