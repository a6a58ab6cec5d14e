using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that sums the products of two inputs along one axis of each, sample by sample. Inputs: (N, …, k, …) and (N, …, k, …). Output: (N, the other axes of the first, the other axes of the second), or (N, 1) for vectors. Like Keras's Dot.</summary>
/// <param name="axes">The axis of each input, or one axis for both; negative counts from the end.</param>
/// <param name="normalize"><see langword="true"/> to divide by the lengths along the axes first, which yields the cosine similarity.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>dot</c>.</param>
/// <exception cref="ArgumentException">There are not one or two axes.</exception>
public sealed class Dot(IReadOnlyList<int> axes, bool normalize = false, string? name = null)
    : Layer(name),
        IFromConfig<Dot>
{
    /// <summary>The axis of each input, or one axis for both; negative counts from the end.</summary>
    public IReadOnlyList<int> Axes { get; } = RequireAxes(axes);

    /// <summary><see langword="true"/> to divide by the lengths along the axes first, which yields the cosine similarity.</summary>
    public bool Normalize { get; } = normalize;

    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        (Symbol a, Symbol b) = (inputs[0], inputs[1]);
        int left = Lamina.Axes.Resolve(Axes[0], a.Shape);
        int right = Lamina.Axes.Resolve(Axes[^1], b.Shape);
        int k = a.Shape[left]!.Value;
        if (b.Shape[right] != k)
        {
            throw new ShapeException($"axis {left} of {a.Shape} and axis {right} of {b.Shape} differ in length.");
        }
        int[] first = Others(a.Shape.Rank, left);
        int[] second = Others(b.Shape.Rank, right);
        int[] dims = [.. first.Select(d => a.Shape[d]!.Value), .. second.Select(d => b.Shape[d]!.Value)];
        if (Normalize)
        {
            a = UnitNormalization.Normalize(a, [left]);
            b = UnitNormalization.Normalize(b, [right]);
        }
        a = Matrix(a, [.. first, left], checked((int)(a.Shape.SampleCount / k)), k);
        b = Matrix(b, [right, .. second], k, checked((int)(b.Shape.SampleCount / k)));
        return Ops.Reshape(Ops.MatMul(a, b), Shape.Of(dims.Length == 0 ? [1] : dims));
    }

    /// <inheritdoc/>
    public static Dot FromConfig(LayerConfigReader config) =>
        new(config.AxisList("axes"), config.Bool("normalize", false), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axes"] = Axes.AxesToJson();
        config["normalize"] = Normalize;
        return config;
    }

    private static int[] Others(int rank, int axis) => [.. Enumerable.Range(1, rank - 1).Where(d => d != axis)];

    private static Symbol Matrix(Symbol x, int[] order, int rows, int columns) =>
        Ops.Reshape(order.SequenceEqual(order.Order()) ? x : Ops.Transpose(x, order), Shape.Of(rows, columns));

    private static int[] RequireAxes(IReadOnlyList<int> axes)
    {
        ArgumentNullException.ThrowIfNull(axes);
        return axes.Count is 1 or 2
            ? [.. axes]
            : throw new ArgumentException(
                $"Dot: axes has {axes.Count} numbers; it must have one, or one per input.",
                nameof(axes)
            );
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Dot"/>
    public static Call<Dot> Dot(IReadOnlyList<int> axes, bool normalize = false, string? name = null) =>
        new Dot(axes, normalize, name).Apply;

    /// <summary>Creates a layer that sums the products of two inputs along the same axis of both.</summary>
    /// <param name="axes">The axis; negative counts from the end.</param>
    /// <param name="normalize"><see langword="true"/> to divide by the lengths along the axis first.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next <c>dot</c>.</param>
    public static Call<Dot> Dot(int axes, bool normalize = false, string? name = null) =>
        new Dot([axes], normalize, name).Apply;
}
