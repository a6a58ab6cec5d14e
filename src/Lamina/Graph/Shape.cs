using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Lamina;

/// <summary>
/// The shape of a tensor, outermost dimension first. Images are (batch, height, width, channels). The first dimension,
/// the batch, may be unknown (<see langword="null"/>); in models of images of any size, others may be, too. A known
/// dimension is at least 1.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int?>
{
    private const int Unknown = -1;
    private readonly int[]? _dims;

    /// <summary>Creates a shape from its dimensions, outermost first.</summary>
    /// <param name="dims">The dimensions; <see langword="null"/> stands for an unknown batch and may only come first.</param>
    /// <exception cref="ShapeException">A dimension is below 1, or a dimension after the first is unknown.</exception>
    public Shape(params ReadOnlySpan<int?> dims)
    {
        _dims = new int[dims.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] is null && i > 0)
            {
                throw new ShapeException($"Dimension {i} of a shape is unknown. Only the batch, dimension 0, may be.");
            }
            if (dims[i] is < 1)
            {
                throw new ShapeException($"Dimension {i} of a shape is {dims[i]}. Dimensions must be at least 1.");
            }
            _dims[i] = dims[i] ?? Unknown;
        }
    }

    private Shape(int[] dims) => _dims = dims;

    /// <summary>
    /// Returns a shape of which any dimension may be unknown. Only symbols between layers have such shapes, never ops.
    /// </summary>
    internal static Shape WithUnknown(params ReadOnlySpan<int?> dims)
    {
        var known = new int[dims.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            known[i] = dims[i] is null or > 0
                ? dims[i] ?? Unknown
                : throw new ShapeException($"Dimension {i} of a shape is {dims[i]}. Dimensions must be at least 1.");
        }
        return new Shape(known);
    }

    /// <summary>Creates a shape from a collection expression such as <c>[null, 224, 224, 3]</c>.</summary>
    public static Shape Create(ReadOnlySpan<int?> dims) => new(dims);

    /// <summary>Creates a shape whose dimensions are all known.</summary>
    /// <exception cref="ShapeException">A dimension is below 1.</exception>
    public static Shape Of(params ReadOnlySpan<int> dims)
    {
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] < 1)
            {
                throw new ShapeException($"Dimension {i} of a shape is {dims[i]}. Dimensions must be at least 1.");
            }
        }
        return new Shape(dims.ToArray());
    }

    /// <summary>Converts dimensions as Python writes them: <c>Input(shape: (28, 28))</c>.</summary>
    public static implicit operator Shape((int, int) dims) => Of(dims.Item1, dims.Item2);

    /// <summary>Converts dimensions as Python writes them: <c>Input(shape: (224, 224, 3))</c>.</summary>
    public static implicit operator Shape((int, int, int) dims) => Of(dims.Item1, dims.Item2, dims.Item3);

    /// <summary>Converts dimensions as Python writes them: <c>new NDArray((8, 224, 224, 3))</c>.</summary>
    public static implicit operator Shape((int, int, int, int) dims) =>
        Of(dims.Item1, dims.Item2, dims.Item3, dims.Item4);

    private ReadOnlySpan<int> Dims => _dims;

    /// <summary>The number of dimensions.</summary>
    public int Rank => Dims.Length;

    int IReadOnlyCollection<int?>.Count => Rank;

    /// <summary>The number of dimensions, as the index <c>^1</c> requires.</summary>
    public int Length => Rank;

    /// <summary>The size of a dimension; <see langword="null"/> for an unknown batch.</summary>
    public int? this[int index] => Dims[index] == Unknown ? null : Dims[index];

    /// <summary><see langword="true"/> if the batch dimension is unknown.</summary>
    public bool HasUnknownBatch => Rank > 0 && Dims[0] == Unknown;

    /// <summary>
    /// <see langword="true"/> if a dimension after the first is unknown, such as the height of images of any size.
    /// </summary>
    public bool HasUnknownSample => Rank > 0 && Dims[1..].Contains(Unknown);

    /// <summary>The number of elements.</summary>
    /// <exception cref="ShapeException">A dimension is unknown.</exception>
    public long ElementCount =>
        HasUnknownBatch
            ? throw new ShapeException($"The number of elements of {this} is unknown until its batch is.")
            : Product(Dims);

    /// <summary>The shape without its batch dimension, which is the shape of one sample.</summary>
    public Shape Sample => new(Dims[1..].ToArray());

    /// <summary>The number of elements of one sample: the product of all dimensions except the first.</summary>
    /// <exception cref="ShapeException">A dimension after the first is unknown.</exception>
    public long SampleCount =>
        HasUnknownSample ? throw new ShapeException($"The number of elements of a sample of {this} is unknown.")
        : Rank == 0 ? 1
        : Product(Dims[1..]);

    /// <summary>Returns the same shape with another batch size.</summary>
    public Shape WithBatch(int? batch)
    {
        if (batch is < 1)
        {
            throw new ShapeException($"The batch size is {batch}. It must be at least 1.");
        }
        int[] dims = Dims.ToArray();
        dims[0] = batch ?? Unknown;
        return new Shape(dims);
    }

    /// <summary>Returns this shape with a batch dimension in front.</summary>
    public Shape Batched(int? batch = null) => new Shape([1, .. Dims]).WithBatch(batch);

    /// <summary>Returns the same shape with one dimension replaced.</summary>
    public Shape With(int index, int size)
    {
        if (size < 1)
        {
            throw new ShapeException($"Dimension {index} of a shape is {size}. Dimensions must be at least 1.");
        }
        int[] dims = Dims.ToArray();
        dims[index] = size;
        return new Shape(dims);
    }

    /// <summary>Returns the dimensions as an array.</summary>
    /// <exception cref="ShapeException">The batch is unknown.</exception>
    public int[] ToArray() =>
        HasUnknownBatch ? throw new ShapeException($"The batch of {this} is unknown.") : Dims.ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape other) => Dims.SequenceEqual(other.Dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int d in Dims)
        {
            hash.Add(d);
        }
        return hash.ToHashCode();
    }

    /// <summary>Returns <see langword="true"/> if two shapes have the same dimensions.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Returns <see langword="true"/> if two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <inheritdoc/>
    public IEnumerator<int?> GetEnumerator()
    {
        for (int i = 0; i < Rank; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the shape as Keras prints it: <c>(None, 224, 224, 3)</c>, <c>(None,)</c>.</summary>
    public override string ToString()
    {
        var parts = this.Select(d => d?.ToString(CultureInfo.InvariantCulture) ?? "None");
        return Rank == 1 ? $"({parts.First()},)" : $"({string.Join(", ", parts)})";
    }

    private static long Product(ReadOnlySpan<int> dims)
    {
        long product = 1;
        foreach (int d in dims)
        {
            product = checked(product * d);
        }
        return product;
    }
}
