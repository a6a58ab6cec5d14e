using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that shifts and scales data to mean 0 and variance 1, by numbers that <see cref="Adapt(NDArray)"/> computes
/// from data or that are given. The shape does not change. Weights, not trained, of the sizes of the axes: mean,
/// variance, count. Like Keras's Normalization.
/// </summary>
/// <param name="axis">
/// The axes that have their own mean and variance; negative counts from the end; empty for one mean and variance of
/// everything; <see langword="null"/> for the last.
/// </param>
/// <param name="mean">The means, one number or one per element of the axes; <see langword="null"/> to adapt.</param>
/// <param name="variance">The variances, like the means.</param>
/// <param name="invert"><see langword="true"/> to undo the normalization.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>normalization</c>.</param>
/// <exception cref="ArgumentException">Only one of mean and variance is given, or their lengths differ.</exception>
public sealed class Normalization(
    IReadOnlyList<int>? axis = null,
    IReadOnlyList<float>? mean = null,
    IReadOnlyList<float>? variance = null,
    bool invert = false,
    string? name = null
) : Layer(name), IFromConfig<Normalization>
{
    // Keras's epsilon, the least standard deviation.
    private const double Least = 1e-7;

    private Weight? _mean;
    private Weight? _variance;
    private (float[] Mean, float[] Variance)? _adapted;

    /// <summary>The axes that have their own mean and variance.</summary>
    public IReadOnlyList<int> Axis { get; } = LayerAxes.Require(axis);

    /// <summary>The given means; <see langword="null"/> if the layer adapts.</summary>
    public IReadOnlyList<float>? Mean { get; } = Require(mean, mean, variance);

    /// <summary>The given variances; <see langword="null"/> if the layer adapts.</summary>
    public IReadOnlyList<float>? Variance { get; } = Require(variance, mean, variance);

    /// <summary><see langword="true"/> to undo the normalization.</summary>
    public bool Invert { get; } = invert;

    /// <summary>Computes mean and variance of data. Before or after the layer is applied.</summary>
    /// <param name="data">The data, with its batch: (N, …).</param>
    /// <exception cref="ShapeException">The data does not match the input that the layer was applied to.</exception>
    /// <exception cref="InvalidOperationException">Mean and variance are given.</exception>
    public void Adapt(NDArray data) => Adapt([data]);

    /// <summary>Computes mean and variance of data in batches. Before or after the layer is applied.</summary>
    /// <param name="batches">The batches, (N, …), of any sizes; at least one.</param>
    /// <exception cref="ShapeException">A batch does not match the others, or the input that the layer was applied to.</exception>
    /// <exception cref="InvalidOperationException">Mean and variance are given.</exception>
    public void Adapt(IEnumerable<NDArray> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        if (Mean is not null)
        {
            throw new InvalidOperationException(
                $"{this}: mean and variance are given. Create the layer without them to adapt it."
            );
        }
        var moments = new Moments(this, Axis);
        foreach (NDArray batch in batches)
        {
            moments.Add(batch);
        }
        _adapted = moments.Result();
        SetAdapted();
    }

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        var shape = Shape.Of([.. Resolve(inputs[0]).Select(a => inputs[0][a]!.Value)]);
        if (Mean is { } given)
        {
            if (given.Count != 1 && given.Count != shape.ElementCount)
            {
                throw new ShapeException($"{given.Count} means do not match {inputs[0]} along its axes, {shape}.");
            }
            return;
        }
        _mean = AddWeight("mean", shape, "zeros", trainable: false);
        _variance = AddWeight("variance", shape, "ones", trainable: false);
        // Keras's files have it; nothing reads it.
        AddWeight("count", Shape.Of(), "zeros", trainable: false);
        SetAdapted();
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        (Symbol mean, Symbol variance) = (Stretch(_mean, Mean, x.Shape), Stretch(_variance, Variance, x.Shape));
        Symbol deviation = Ops.Maximum(Ops.Sqrt(variance), Least);
        return Invert ? (x * deviation) + mean : (x - mean) / deviation;
    }

    /// <inheritdoc/>
    public static Normalization FromConfig(LayerConfigReader config) =>
        new(
            config.Has("axis") ? config.AxisList("axis") : [],
            config.Has("mean") ? config.Floats("mean") : null,
            config.Has("variance") ? config.Floats("variance") : null,
            config.Bool("invert", false),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = Axis.Count == 0 ? null : Axis.AxesToJson();
        config["invert"] = Invert;
        config["mean"] = ToJson(Mean);
        config["variance"] = ToJson(Variance);
        return config;
    }

    private Symbol Stretch(Weight? weight, IReadOnlyList<float>? given, Shape x)
    {
        int[] axes = Resolve(x);
        if (weight is not null)
        {
            return axes.Length == 0 ? weight.Symbol : LayerAxes.Stretch(weight, axes, x.Rank);
        }
        int[] dims = [.. Enumerable.Range(1, x.Rank - 1).Select(d => axes.Contains(d) ? x[d]!.Value : 1)];
        return given is [var one] ? (double)one : Constants.Of([.. given!], dims);
    }

    private int[] Resolve(Shape x) => Axis.Count == 0 ? [] : LayerAxes.Resolve(Axis, x);

    private void SetAdapted()
    {
        if (_adapted is var (mean, variance) && _mean is not null)
        {
            _mean.SetValues(mean);
            _variance!.SetValues(variance);
        }
    }

    private static JsonNode? ToJson(IReadOnlyList<float>? values) =>
        values switch
        {
            null => null,
            [var one] => one,
            _ => new JsonArray([.. values.Select(v => (JsonNode)v)]),
        };

    private static float[]? Require(
        IReadOnlyList<float>? own,
        IReadOnlyList<float>? mean,
        IReadOnlyList<float>? variance
    ) =>
        mean?.Count == variance?.Count && mean?.Count != 0 && (own is null || own.All(float.IsFinite))
            ? own is null
                ? null
                : [.. own]
            : throw new ArgumentException(
                "Normalization: mean and variance must both be given, with as many finite numbers."
            );
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Normalization"/>
    public static Call<Normalization> Normalization(
        IReadOnlyList<int>? axis = null,
        IReadOnlyList<float>? mean = null,
        IReadOnlyList<float>? variance = null,
        bool invert = false,
        string? name = null
    ) => new Normalization(axis, mean, variance, invert, name).Apply;
}

/// <summary>Sums up mean and variance along some axes in float64, batch by batch (Chan et al. 1979).</summary>
internal sealed class Moments(Layer layer, IReadOnlyList<int> axis)
{
    private Shape? _sample;
    private int[] _group = [];
    private long _count;
    private double[] _mean = [];
    private double[] _squares = [];

    /// <summary>Adds a batch.</summary>
    public void Add(NDArray batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Shape sample = batch.Shape.Sample;
        if (_sample is { } known && known != sample)
        {
            throw new ShapeException($"{layer}: a batch has samples {sample}, the first one had {known}.");
        }
        if (_sample is null)
        {
            _sample = sample;
            Group(batch.Shape);
        }
        long count = _mean.Length == 0 ? 0 : batch.Shape.ElementCount / _mean.Length;
        var mean = new double[_mean.Length];
        var squares = new double[_mean.Length];
        ReadOnlySpan<float> values = batch.Values;
        for (int i = 0; i < values.Length; i++)
        {
            mean[_group[i % _group.Length]] += values[i] / (double)count;
        }
        for (int i = 0; i < values.Length; i++)
        {
            double distance = values[i] - mean[_group[i % _group.Length]];
            squares[_group[i % _group.Length]] += distance * distance;
        }
        Merge(count, mean, squares);
    }

    /// <summary>Returns the mean and the variance (of the population).</summary>
    public (float[] Mean, float[] Variance) Result() =>
        _count > 0
            ? ([.. _mean.Select(m => (float)m)], [.. _squares.Select(s => (float)(s / _count))])
            : throw new LaminaException($"{layer}: there is no data to adapt to.");

    // The index of the mean to which each element of a sample belongs.
    private void Group(Shape batch)
    {
        int[] axes = axis.Count == 0 ? [] : LayerAxes.Resolve(axis, batch);
        int means = axes.Aggregate(1, (product, a) => checked(product * batch[a]!.Value));
        _group = new int[checked((int)batch.SampleCount)];
        for (int i = 0; i < _group.Length; i++)
        {
            int rest = i;
            int factor = 1;
            for (int d = batch.Rank - 1; d >= 1; d--)
            {
                int size = batch[d]!.Value;
                if (axes.Contains(d))
                {
                    _group[i] += rest % size * factor;
                    factor *= size;
                }
                rest /= size;
            }
        }
        (_mean, _squares) = (new double[means], new double[means]);
    }

    private void Merge(long count, double[] mean, double[] squares)
    {
        long total = _count + count;
        for (int i = 0; i < mean.Length; i++)
        {
            double apart = mean[i] - _mean[i];
            _mean[i] += apart * count / total;
            _squares[i] += squares[i] + (apart * apart * _count * count / total);
        }
        _count = total;
    }
}
