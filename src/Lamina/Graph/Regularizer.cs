using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A penalty on a weight or on a layer's output, which training adds to the loss. Names convert, with Keras's defaults:
/// <c>"l1"</c>, <c>"l2"</c>, <c>"l1_l2"</c>, <c>"orthogonal_regularizer"</c>. For a custom one, derive from this record.
/// </summary>
/// <remarks>
/// The penalty of a weight is the sum over its elements; that of an output is the mean over samples of such sums, as in
/// Keras.
/// </remarks>
public abstract record Regularizer
{
    private static readonly ConfigClasses<Regularizer> s_classes = new(
        "regularizer",
        [
            ("L1", c => new L1(c.Double("l1", 0.01))),
            ("L2", c => new L2(c.Double("l2", 0.01))),
            ("L1L2", c => new L1L2(c.Double("l1", 0), c.Double("l2", 0))),
            (
                "OrthogonalRegularizer",
                c => new OrthogonalRegularizer(c.Double("factor", 0.01), c.String("mode", "rows"))
            ),
        ]
    );

    /// <summary>Returns the penalties, written in ops; training adds up all of them.</summary>
    /// <param name="x">The weight or output, any shape.</param>
    public abstract Symbol Call(Symbol x);

    /// <summary>Returns the arguments with Keras's keys, as saved models contain them.</summary>
    public virtual JsonObject GetConfig() => [];

    /// <summary>Registers a custom regularizer, so that saved models with it can be loaded.</summary>
    /// <param name="className">The name of the class.</param>
    /// <param name="create">Creates it from its config.</param>
    public static void Register(string className, Func<LayerConfigReader, Regularizer> create) =>
        s_classes.Register(className, create);

    /// <summary>Returns the regularizer with this Keras name; <see langword="null"/> for <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    [return: NotNullIfNotNull(nameof(name))]
    public static implicit operator Regularizer?(string? name) => name is null ? null : FromName(name);

    /// <summary>Returns the regularizer with this Keras name, with its defaults.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Regularizer FromName(string name) =>
        name switch
        {
            "l1" => new L1(),
            "l2" => new L2(),
            "l1_l2" or "l1l2" => new L1L2(0.01, 0.01),
            "orthogonal_regularizer" => new OrthogonalRegularizer(),
            _ => throw new ArgumentException(
                $"'{name}' is not a regularizer. Use l1, l2, l1_l2 or orthogonal_regularizer.",
                nameof(name)
            ),
        };

    internal static ConfigClasses<Regularizer> Classes => s_classes;

    private protected static double Checked(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be finite and at least 0.");
}

/// <summary>A penalty of factor·|x|, like Keras's.</summary>
/// <param name="Factor">The factor, at least 0. Default: 0.01.</param>
public sealed record L1(double Factor = 0.01) : Regularizer
{
    /// <summary>The factor.</summary>
    public double Factor { get; } = Checked(Factor, "l1");

    /// <inheritdoc/>
    public override Symbol Call(Symbol x) => Factor * Ops.Abs(x);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["l1"] = Factor };
}

/// <summary>A penalty of factor·x², like Keras's.</summary>
/// <param name="Factor">The factor, at least 0. Default: 0.01.</param>
public sealed record L2(double Factor = 0.01) : Regularizer
{
    /// <summary>The factor.</summary>
    public double Factor { get; } = Checked(Factor, "l2");

    /// <inheritdoc/>
    public override Symbol Call(Symbol x) => Factor * Ops.Square(x);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["l2"] = Factor };
}

/// <summary>A penalty of l1·|x| + l2·x², like Keras's.</summary>
/// <param name="Absolute">The factor of |x|, at least 0. Default: 0.</param>
/// <param name="Squared">The factor of x², at least 0. Default: 0.</param>
public sealed record L1L2(double Absolute = 0, double Squared = 0) : Regularizer
{
    /// <summary>The factor of |x|.</summary>
    public double Absolute { get; } = Checked(Absolute, "l1");

    /// <summary>The factor of x².</summary>
    public double Squared { get; } = Checked(Squared, "l2");

    /// <inheritdoc/>
    public override Symbol Call(Symbol x) => (Absolute * Ops.Abs(x)) + (Squared * Ops.Square(x));

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["l1"] = Absolute, ["l2"] = Squared };
}

/// <summary>
/// A penalty on the angles between the rows or columns of a dense kernel, like Keras's: the factor times the mean of the
/// absolute cosines of all pairs.
/// </summary>
/// <param name="Factor">The factor, at least 0. Default: 0.01.</param>
/// <param name="Mode">The vectors that are to be orthogonal: <c>rows</c> or <c>columns</c>. Default: <c>rows</c>.</param>
public sealed record OrthogonalRegularizer(double Factor = 0.01, string Mode = "rows") : Regularizer
{
    // Keras's normalize divides by no less.
    private const double Epsilon = 1e-7;

    /// <summary>The factor.</summary>
    public double Factor { get; } = Checked(Factor, "factor");

    /// <summary>The vectors that are to be orthogonal.</summary>
    public string Mode { get; } =
        Mode is "rows" or "columns"
            ? Mode
            : throw new ArgumentOutOfRangeException("mode", $"mode is '{Mode}'; it must be rows or columns.");

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The tensor is not a weight of two dimensions with at least two vectors.</exception>
    public override Symbol Call(Symbol x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape.Rank != 2 || x.Shape.HasUnknownBatch)
        {
            throw new ShapeException(
                $"OrthogonalRegularizer is for weights of two dimensions, such as a dense kernel; got {x.Shape}."
            );
        }
        bool isRows = Mode == "rows";
        int count = x.Shape[isRows ? 0 : 1]!.Value;
        if (count < 2)
        {
            throw new ShapeException($"OrthogonalRegularizer needs at least two {Mode}, got {x.Shape}.");
        }
        Symbol lengths = Ops.Sqrt(Ops.Sum(Ops.Square(x), [isRows ? 1 : 0], keepDims: true));
        Symbol unit = x / Ops.Maximum(lengths, Epsilon);
        Symbol turned = Ops.Transpose(unit, 1, 0);
        Symbol cosines = isRows ? Ops.MatMul(unit, turned) : Ops.MatMul(turned, unit);
        float[] others = [.. Enumerable.Range(0, count * count).Select(i => i % (count + 1) == 0 ? 0f : 1)];
        // Each pair is in the matrix twice.
        return Factor / ((double)count * (count - 1)) * Ops.Abs(cosines * Constants.Of(others, count, count));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["factor"] = Factor, ["mode"] = Mode };
}
