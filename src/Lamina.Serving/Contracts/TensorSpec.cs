namespace Lamina.Serving;

/// <summary>The name and shape of a float32 input or output of a model.</summary>
/// <param name="name">The name that clients use.</param>
/// <param name="sample">The shape of one sample, without the batch dimension; all dimensions known.</param>
public sealed class TensorSpec(string name, Shape sample)
{
    /// <summary>The name that clients use.</summary>
    public string Name { get; } = name;

    /// <summary>The shape of one sample, without the batch dimension.</summary>
    public Shape Sample { get; } = sample;

    internal int SampleSize { get; } = checked((int)sample.ElementCount);

    /// <summary>The dimensions with the batch in front, as the protocol has them: -1 for any size.</summary>
    internal IEnumerable<long> Dimensions => [-1, .. Sample.ToArray().Select(d => (long)d)];

    internal static TensorSpec Of(string name, Shape batched) =>
        batched.Sample.Any(d => d is null)
            ? throw new LaminaException(
                $"{name}: the size {batched} is not fixed, so the model cannot be served. Build it for one input size."
            )
            : new TensorSpec(name, batched.Sample);
}
