namespace Lamina;

/// <summary>A weight of a model as a PyTorch module contains it.</summary>
/// <param name="Name">The name in the module: <c>weight</c>, <c>bias</c>, <c>running_mean</c>…</param>
/// <param name="Weight">The weight.</param>
/// <param name="Dimensions">The shape in PyTorch.</param>
/// <param name="Layout">The order of the values in PyTorch; <see langword="null"/> if it is the same.</param>
internal sealed record PyTorchWeight(string Name, Weight Weight, long[] Dimensions, OutputsFirst? Layout)
{
    /// <summary>Reads PyTorch's values into Lamina's order.</summary>
    public float[] Read(FloatReader reader)
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)Weight.Count));
        if (Layout is null)
        {
            reader(values);
        }
        else
        {
            Layout.Read(reader, values);
        }
        return values;
    }

    /// <summary>Passes on the values in PyTorch's order, in parts.</summary>
    public void Write(Action<ReadOnlySpan<float>> write)
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)Weight.Count));
        Weight.CopyTo(values);
        if (Layout is null)
        {
            write(values);
        }
        else
        {
            Layout.Write(values, write);
        }
    }
}
