namespace Lamina;

/// <summary>A kernel of a step, with its algorithm and cost.</summary>
/// <param name="Part">The part of the step.</param>
/// <param name="Layer">The layer's name; empty for kernels of no layer.</param>
/// <param name="Op">The op, as in <see cref="Lamina.Op.Name"/>; for an update the weight's name.</param>
/// <param name="Algorithm">The algorithm, such as "oneDNN convolution + ReLU".</param>
/// <param name="Time">The median over the rounds.</param>
/// <param name="Flops">
/// The floating-point operations of the direct algorithm, two per multiply-add, whatever ran; 0 except for convolutions
/// and dense layers.
/// </param>
/// <param name="Bytes">The bytes of the tensors that are read and written, each counted once.</param>
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
    /// <summary>The floating-point operations per second.</summary>
    public double FlopsPerSecond => PerSecond(Flops);

    /// <summary>The bytes per second.</summary>
    public double BytesPerSecond => PerSecond(Bytes);

    private double PerSecond(long count) => Time > TimeSpan.Zero ? count / Time.TotalSeconds : 0;
}
