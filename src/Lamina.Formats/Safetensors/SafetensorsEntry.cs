namespace Lamina;

/// <summary>A float32 tensor to write to a safetensors file.</summary>
public sealed class SafetensorsEntry
{
    /// <summary>A tensor in memory.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="array">The values.</param>
    public SafetensorsEntry(string name, NDArray array)
        : this(name, (array ?? throw new ArgumentNullException(nameof(array))).Shape, () => array.Memory) { }

    /// <summary>A tensor whose values are fetched when its turn to be written comes.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">The shape, all dimensions known.</param>
    /// <param name="values">
    /// Gives the values, as many as the shape has elements, in its order. They are written before the next tensor's are
    /// asked for, so all tensors may share one buffer.
    /// </param>
    public SafetensorsEntry(string name, Shape shape, Func<ReadOnlyMemory<float>> values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        (Name, Shape, Values, Count) = (name, shape, values, shape.ElementCount);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The shape.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    internal long Count { get; }

    /// <summary>Gives the values.</summary>
    internal Func<ReadOnlyMemory<float>> Values { get; }
}
