namespace Lamina.Torch;

/// <summary>
/// Is told of each part of a step when it is done. A plan without one, as all but those that are profiled, reads no clock.
/// </summary>
internal interface IPlanObserver
{
    /// <summary>A kernel ran forward, again if the plan recomputes, or backward.</summary>
    /// <param name="part">Forward, recompute or backward.</param>
    /// <param name="step">Which.</param>
    /// <param name="started">The time stamp of its begin (<see cref="System.Diagnostics.Stopwatch"/>).</param>
    void Ran(StepPart part, PlanStep step, long started);

    /// <summary>A weight was updated.</summary>
    void Updated(Weight weight, long started);

    /// <summary>The batch was fed, or the loss computed.</summary>
    void Did(StepPart part, long started);
}
