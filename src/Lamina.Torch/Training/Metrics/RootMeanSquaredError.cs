namespace Lamina;

/// <summary>The root of the mean of (output − target)² over all elements, like Keras's.</summary>
/// <param name="name">The name under which it is reported.</param>
public sealed class RootMeanSquaredError(string name = "root_mean_squared_error") : Metric(name, stateSize: 2)
{
    internal override string Fingerprint => Name;

    /// <inheritdoc/>
    public override double Result => State[1] == 0 ? 0 : Math.Sqrt(State[0] / State[1]);

    /// <inheritdoc/>
    public override void Update(NDArray output, NDArray target) => Update(output, target, null);

    /// <inheritdoc/>
    public override void Update(NDArray output, NDArray target, NDArray? sampleWeights)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(target);
        ReadOnlySpan<float> y = output.Values;
        ReadOnlySpan<float> t = target.Values;
        if (y.Length != t.Length)
        {
            throw new LaminaException(
                $"{Name}: targets {target.Shape} do not match the output {output.Shape}. Pass one value for each element."
            );
        }
        int size = y.Length / Math.Max(1, sampleWeights?.Values.Length ?? 1);
        for (int i = 0; i < y.Length; i++)
        {
            double error = (double)y[i] - t[i];
            double weight = sampleWeights is null ? 1 : sampleWeights.Values[i / size];
            State[0] += weight * error * error;
            State[1] += weight;
        }
    }
}
