using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>A tensor of float32 or signed bytes to write to a safetensors file.</summary>
public sealed class SafetensorsEntry
{
    /// <summary>Creates a tensor in memory.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="array">The values.</param>
    public SafetensorsEntry(string name, NDArray array)
        : this(name, (array ?? throw new ArgumentNullException(nameof(array))).Shape, () => array.Memory) { }

    /// <summary>Creates a tensor whose values are requested when it is written.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">The shape, all dimensions known.</param>
    /// <param name="values">
    /// Returns the values, as many as the shape has elements, in its order. They are written before the values of the
    /// next tensor are requested, so all tensors may share one buffer.
    /// </param>
    public SafetensorsEntry(string name, Shape shape, Func<ReadOnlyMemory<float>> values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        (Name, Shape, Count, Dtype) = (name, shape, shape.ElementCount, SafetensorsDtype.F32);
        Bytes = stream => WriteFloats(stream, values().Span);
    }

    /// <summary>Creates a tensor of signed bytes in memory.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">The shape, all dimensions known.</param>
    /// <param name="values">The values, as many as the shape has elements, in its order.</param>
    public SafetensorsEntry(string name, Shape shape, ReadOnlyMemory<sbyte> values)
    {
        ArgumentNullException.ThrowIfNull(name);
        (Name, Shape, Count, Dtype) = (name, shape, shape.ElementCount, SafetensorsDtype.I8);
        RequireCount(values.Length);
        Bytes = stream => stream.Write(MemoryMarshal.AsBytes(values.Span));
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The shape.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    internal long Count { get; }

    /// <summary>The type of an element.</summary>
    internal SafetensorsDtype Dtype { get; }

    /// <summary>Writes the values in the form of the file.</summary>
    internal Action<Stream> Bytes { get; }

    private void WriteFloats(Stream stream, ReadOnlySpan<float> values)
    {
        RequireCount(values.Length);
        // In blocks: the bytes of a span of floats may exceed the length of a span of bytes.
        const int Block = 1 << 20;
        for (int start = 0; start < values.Length; start += Block)
        {
            stream.Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(Block, values.Length - start))));
        }
    }

    private void RequireCount(int count)
    {
        if (count != Count)
        {
            throw new ArgumentException(
                $"Tensor {Quoted.Name(Name)} {Shape} has {Count} elements, got {count} values."
            );
        }
    }
}
