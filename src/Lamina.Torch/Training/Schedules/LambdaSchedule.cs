namespace Lamina.Torch;

/// <summary>A schedule that is a function of a program.</summary>
internal sealed record LambdaSchedule(Func<long, double> Function) : LearningRateSchedule("lambda")
{
    /// <inheritdoc/>
    public override double At(long update) => Function(update);
}
