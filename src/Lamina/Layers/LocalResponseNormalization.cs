using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Divides each value by (k + alpha · Σ squares over <paramref name="size"/> neighbouring channels)^beta: the paper's
/// normalisation (section 3.3), whose constants are the defaults. The shape, (N, H, W, C), stays.
/// </summary>
/// <param name="size">The channels in a sum, odd, at least 1.</param>
/// <param name="alpha">The factor of the sum, as in the paper and TensorFlow; PyTorch's and Caffe's alpha / size.</param>
/// <param name="beta">The exponent.</param>
/// <param name="k">The summand, above 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>local_response_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
public sealed class LocalResponseNormalization(
    int size = 5,
    double alpha = 1e-4,
    double beta = 0.75,
    double k = 2,
    string? name = null
) : Layer(name)
{
    /// <summary>The channels in a sum.</summary>
    public int Size { get; } =
        size > 0 && size % 2 == 1
            ? size
            : throw Argument.OutOfRange(nameof(LocalResponseNormalization), nameof(size), size, "odd and at least 1");

    /// <summary>The factor of the sum of squares.</summary>
    public double Alpha { get; } = Argument.Finite(alpha, nameof(LocalResponseNormalization), nameof(alpha));

    /// <summary>The exponent.</summary>
    public double Beta { get; } = Argument.Finite(beta, nameof(LocalResponseNormalization), nameof(beta));

    /// <summary>The summand.</summary>
    public double K { get; } = Argument.Above(k, 0, nameof(LocalResponseNormalization), nameof(k));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.LocalResponseNormalization(inputs[0], Size, Alpha, Beta, K);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["size"] = Size;
        config["alpha"] = Alpha;
        config["beta"] = Beta;
        config["k"] = K;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.LocalResponseNormalization"/>
    public static Call<LocalResponseNormalization> LocalResponseNormalization(
        int size = 5,
        double alpha = 1e-4,
        double beta = 0.75,
        double k = 2,
        string? name = null
    ) => new LocalResponseNormalization(size, alpha, beta, k, name).Apply;
}
