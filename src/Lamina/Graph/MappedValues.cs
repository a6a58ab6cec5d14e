namespace Lamina;

/// <summary>
/// The values of a weight in a mapped file, in the weight's public layout. Writing changes memory only, not the file.
/// </summary>
/// <param name="values">The values, which keep the mapping alive.</param>
internal sealed class MappedValues(Memory<float> values) : IWeightStorage
{
    /// <summary>The values.</summary>
    public Memory<float> Values => values;

    /// <inheritdoc/>
    public void Read(Span<float> destination) => values.Span.CopyTo(destination);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> source) => source.CopyTo(values.Span);

    /// <inheritdoc/>
    public void Fill(Action<Span<float>> fill) => fill(values.Span);

    /// <inheritdoc/>
    public void Dispose() { }
}
