namespace Lamina.Serving;

/// <summary>The values of one input of a request, checked against the model and ready to be copied into a batch.</summary>
/// <param name="Type">The data type of <paramref name="Raw"/>.</param>
/// <param name="Raw">Raw values; empty if there are numbers.</param>
/// <param name="Floats">Numbers; empty if there are raw values.</param>
internal readonly record struct PreparedInput(string Type, ReadOnlyMemory<byte> Raw, ReadOnlyMemory<float> Floats)
{
    public void CopyTo(Span<float> target)
    {
        if (Raw.IsEmpty)
        {
            Floats.Span.CopyTo(target);
        }
        else
        {
            FloatValues.Convert(Type, Raw.Span, target);
        }
    }
}
