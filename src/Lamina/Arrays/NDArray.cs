using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>
/// A dense float32 array in managed memory, row-major: the input and output of models. Images are (N, H, W, C).
/// </summary>
public sealed class NDArray
{
    private readonly Memory<float> _values;

    /// <summary>Creates an array of zeros.</summary>
    /// <param name="shape">The shape, all dimensions known.</param>
    public NDArray(Shape shape)
        : this(shape, new float[shape.ElementCount]) { }

    /// <summary>Wraps existing values without copying them.</summary>
    /// <param name="shape">The shape, all dimensions known.</param>
    /// <param name="values">The values, exactly as many as the shape has elements.</param>
    /// <exception cref="ShapeException">The number of values does not match the shape.</exception>
    public NDArray(Shape shape, Memory<float> values)
    {
        if (shape.ElementCount != values.Length)
        {
            throw new ShapeException($"{shape} has {shape.ElementCount} elements, got {values.Length} values.");
        }
        Shape = shape;
        _values = values;
    }

    /// <summary>The shape.</summary>
    public Shape Shape { get; }

    /// <summary>The number of samples: the first dimension.</summary>
    public int Count => Shape[0]!.Value;

    /// <summary>The values, row-major; writing to them changes the array.</summary>
    public Span<float> Values => _values.Span;

    /// <summary>The values, row-major, as memory.</summary>
    public Memory<float> Memory => _values;

    /// <summary>The element at these indices, one per dimension.</summary>
    public float this[params ReadOnlySpan<int> indices]
    {
        get => Values[Offset(indices)];
        set => Values[Offset(indices)] = value;
    }

    /// <summary>Returns one sample or a range of samples, sharing this array's memory.</summary>
    /// <param name="start">The index of the first sample, from 0.</param>
    /// <param name="count">The number of samples, at least 1.</param>
    public NDArray Samples(int start, int count)
    {
        int size = checked((int)Shape.SampleCount);
        return new NDArray(Shape.WithBatch(count), _values.Slice(start * size, count * size));
    }

    /// <summary>Returns the same memory in another shape.</summary>
    public NDArray Reshape(Shape shape) => new(shape, _values);

    /// <summary>Copies a rectangular array, such as <c>float[,]</c> or <c>float[,,,]</c>.</summary>
    /// <exception cref="ArgumentException">The array's elements are not <see langword="float"/>.</exception>
    public static NDArray From(Array source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.GetType().GetElementType() != typeof(float))
        {
            throw new ArgumentException("The array's elements must be float.", nameof(source));
        }
        var dims = new int?[source.Rank];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = source.GetLength(i);
        }
        var result = new NDArray(new Shape(dims));
        ref byte first = ref MemoryMarshal.GetArrayDataReference(source);
        MemoryMarshal
            .CreateReadOnlySpan(ref System.Runtime.CompilerServices.Unsafe.As<byte, float>(ref first), source.Length)
            .CopyTo(result.Values);
        return result;
    }

    private int Offset(ReadOnlySpan<int> indices)
    {
        if (indices.Length != Shape.Rank)
        {
            throw new ArgumentException($"{indices.Length} indices do not match the shape {Shape}.", nameof(indices));
        }
        int offset = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            int size = Shape[i]!.Value;
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)indices[i], (uint)size, nameof(indices));
            offset = (offset * size) + indices[i];
        }
        return offset;
    }

    /// <inheritdoc/>
    public override string ToString() => $"float32 {Shape}";
}
