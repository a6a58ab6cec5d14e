namespace Lamina;

/// <summary>One kernel of a step: what it is, what ran, and what it took.</summary>
/// <param name="Part">The part of the step.</param>
/// <param name="Layer">The layer's name; empty for what belongs to none.</param>
/// <param name="Op">The op, as in <see cref="Lamina.Op.Name"/>; for an update the weight's name.</param>
/// <param name="Algorithm">What ran, as in "oneDNN convolution + ReLU".</param>
/// <param name="Time">The median over the rounds.</param>
/// <param name="Flops">
/// Floating-point operations of the direct algorithm, two a multiply-add, whatever ran; 0 for what is not a convolution or a
/// dense layer.
/// </param>
/// <param name="Bytes">Bytes of the tensors that are read and written, each counted once.</param>
public sealed record KernelTime(
    StepPart Part,
    string Layer,
    string Op,
    string Algorithm,
    TimeSpan Time,
    long Flops,
    long Bytes
)
{
    /// <summary>Floating-point operations a second.</summary>
    public double FlopsPerSecond => PerSecond(Flops);

    /// <summary>Bytes a second.</summary>
    public double BytesPerSecond => PerSecond(Bytes);

    private double PerSecond(long count) => Time > TimeSpan.Zero ? count / Time.TotalSeconds : 0;
}
