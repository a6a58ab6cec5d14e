namespace Lamina.Torch;

/// <summary>A schedule defined by a function.</summary>
internal sealed record LambdaSchedule(Func<long, double> Function) : LearningRateSchedule("lambda")
{
    /// <inheritdoc/>
    public override double At(long update) => Function(update);
}
