namespace Lamina;

/// <summary>Reads tensors of files as arrays.</summary>
internal static class Arrays
{
    /// <summary>Reads a tensor into an array.</summary>
    /// <exception cref="ModelFileException">
    /// The tensor has no elements, too many, or elements that cannot be converted to float32.
    /// </exception>
    public static NDArray Read(TensorSource source, SourceTensor tensor)
    {
        if (tensor.Dimensions.Any(d => d is < 1 or > int.MaxValue) || tensor.Count > Array.MaxLength)
        {
            throw new ModelFileException($"{source.File}: tensor {tensor} cannot be stored in an array.");
        }
        FloatReader read = source.Open(tensor);
        float[] values = GC.AllocateUninitializedArray<float>((int)tensor.Count);
        read(values);
        return new NDArray(Shape.Of([.. tensor.Dimensions.Select(d => (int)d)]), values);
    }
}
