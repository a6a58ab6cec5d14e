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

    /// <summary>
    /// Copies an array of numbers of any type, rectangular like <c>double[,]</c> or jagged like <c>byte[][]</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The elements are not numbers, or rows have different lengths.</exception>
    public static NDArray From(Array source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.GetType().GetElementType() != typeof(float))
        {
            return NDArrayConversion.From(source);
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

    /// <summary>Returns a range of samples, <c>x[2..5]</c>, sharing this array's memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not within the array.</exception>
    public NDArray this[Range samples]
    {
        get
        {
            (int start, int count) = samples.GetOffsetAndLength(Count);
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(samples));
            return Samples(start, count);
        }
    }

    /// <summary>Returns a copy of a range along an axis.</summary>
    /// <param name="axis">The axis, from 0; negative counts from the end.</param>
    /// <param name="start">The first index along it, from 0.</param>
    /// <param name="count">The number of indices, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axis or the range is not within the array.</exception>
    public NDArray Slice(int axis, int start, int count)
    {
        int[] dims = Shape.ToArray();
        int at = axis < 0 ? axis + dims.Length : axis;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)at, (uint)dims.Length, nameof(axis));
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, dims[at] - start, nameof(count));
        int inner = dims[(at + 1)..].Aggregate(1, (a, b) => a * b);
        int outer = dims[..at].Aggregate(1, (a, b) => a * b);
        int size = dims[at];
        dims[at] = count;
        var result = new NDArray(Shape.Of(dims));
        for (int i = 0; i < outer; i++)
        {
            Values
                .Slice(((i * size) + start) * inner, count * inner)
                .CopyTo(result.Values.Slice(i * count * inner, count * inner));
        }
        return result;
    }

    /// <summary>
    /// Returns the index of the greatest value in each row of the last axis, the first of equal ones: the predicted
    /// classes of (samples, classes).
    /// </summary>
    public int[] ArgMax()
    {
        int size = Shape.Rank == 0 ? 1 : Shape[^1]!.Value;
        var result = new int[Values.Length / size];
        for (int row = 0; row < result.Length; row++)
        {
            ReadOnlySpan<float> values = Values.Slice(row * size, size);
            int best = 0;
            for (int i = 1; i < size; i++)
            {
                best = values[i] > values[best] ? i : best;
            }
            result[row] = best;
        }
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
