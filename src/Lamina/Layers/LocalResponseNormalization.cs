using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that divides each value by (k + alpha · Σ squares over <paramref name="size"/> neighboring channels)^beta.
/// This is the paper's normalization (section 3.3), whose constants are the defaults. The shape, (N, H, W, C), does not
/// change.
/// </summary>
/// <remarks>
/// Libraries write the same formula with other numbers: <see cref="Paper"/>, <see cref="Caffe"/>, <see cref="PyTorch"/>
/// and <see cref="TensorFlow"/> each accept their own. A layer stores the paper's: alpha multiplies the sum of squares,
/// not their mean.
/// </remarks>
/// <param name="size">The number of channels in a sum, odd, at least 1.</param>
/// <param name="alpha">
/// The factor of the sum, as in the paper and TensorFlow; in PyTorch and Caffe it is alpha / size.
/// </param>
/// <param name="beta">The exponent.</param>
/// <param name="k">The constant added to the sum, above 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>local_response_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class LocalResponseNormalization(
    int size = 5,
    double alpha = 1e-4,
    double beta = 0.75,
    double k = 2,
    string? name = null
) : Layer(name), IFromConfig<LocalResponseNormalization>
{
    /// <summary>The number of channels in a sum.</summary>
    public int Size { get; } =
        size > 0 && size % 2 == 1
            ? size
            : throw Argument.OutOfRange(nameof(LocalResponseNormalization), nameof(size), size, "odd and at least 1");

    /// <summary>The factor of the sum of squares.</summary>
    public double Alpha { get; } = Argument.Finite(alpha, nameof(LocalResponseNormalization), nameof(alpha));

    /// <summary>The exponent.</summary>
    public double Beta { get; } = Argument.Finite(beta, nameof(LocalResponseNormalization), nameof(beta));

    /// <summary>The constant added to the sum.</summary>
    public double K { get; } = Argument.Above(k, 0, nameof(LocalResponseNormalization), nameof(k));

    /// <summary>Creates a layer in the paper's convention: a / (k + alpha · Σ a²)^beta.</summary>
    /// <param name="n">The number of channels in a sum, odd, at least 1.</param>
    /// <param name="alpha">The factor of the sum.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="k">The constant added to the sum, above 0.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static LocalResponseNormalization Paper(
        int n = 5,
        double alpha = 1e-4,
        double beta = 0.75,
        double k = 2,
        string? name = null
    ) => new(n, alpha, beta, k, name);

    /// <summary>
    /// Creates a layer in Caffe's convention, with the defaults of its LRN layer: a / (k + alpha / localSize · Σ
    /// a²)^beta.
    /// </summary>
    /// <param name="localSize">The number of channels in a sum, odd, at least 1.</param>
    /// <param name="alpha">The factor of the mean square: it is divided by <paramref name="localSize"/>.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="k">The constant added to the sum, above 0: 1 in Caffe, 2 in the paper.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static LocalResponseNormalization Caffe(
        int localSize = 5,
        double alpha = 1,
        double beta = 0.75,
        double k = 1,
        string? name = null
    ) => new(localSize, alpha / Math.Max(1, localSize), beta, k, name);

    /// <summary>
    /// Creates a layer in the convention of PyTorch's nn.LocalResponseNorm, with its defaults: a / (k + alpha / size ·
    /// Σ a²)^beta.
    /// </summary>
    /// <param name="size">
    /// The number of channels in a sum, odd, at least 1. (PyTorch's even sizes are not centered and are rejected.)
    /// </param>
    /// <param name="alpha">The factor of the mean square: it is divided by <paramref name="size"/>.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="k">The constant added to the sum, above 0.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static LocalResponseNormalization PyTorch(
        int size,
        double alpha = 1e-4,
        double beta = 0.75,
        double k = 1,
        string? name = null
    ) => new(size, alpha / Math.Max(1, size), beta, k, name);

    /// <summary>
    /// Creates a layer in the convention of TensorFlow's tf.nn.local_response_normalization, with its defaults: a /
    /// (bias + alpha · Σ a²)^beta over 2 · depthRadius + 1 channels.
    /// </summary>
    /// <param name="depthRadius">The number of channels in a sum on each side of a channel, at least 0.</param>
    /// <param name="bias">The constant added to the sum, above 0.</param>
    /// <param name="alpha">The factor of the sum: it is not divided.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static LocalResponseNormalization TensorFlow(
        int depthRadius = 5,
        double bias = 1,
        double alpha = 1,
        double beta = 0.5,
        string? name = null
    ) =>
        new(
            (2 * Argument.AtLeast(depthRadius, 0, nameof(LocalResponseNormalization), nameof(depthRadius))) + 1,
            alpha,
            beta,
            bias,
            name
        );

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.LocalResponseNormalization(inputs[0], Size, Alpha, Beta, K);

    /// <inheritdoc/>
    public static LocalResponseNormalization FromConfig(LayerConfigReader config) =>
        new(
            config.Int("size", 5),
            config.Double("alpha", 1e-4),
            config.Double("beta", 0.75),
            config.Double("k", 2),
            config.Name
        );

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

    /// <inheritdoc cref="Lamina.LocalResponseNormalization.Paper"/>
    public static Call<LocalResponseNormalization> PaperLrn(
        int n = 5,
        double alpha = 1e-4,
        double beta = 0.75,
        double k = 2,
        string? name = null
    ) => Lamina.LocalResponseNormalization.Paper(n, alpha, beta, k, name).Apply;

    /// <inheritdoc cref="Lamina.LocalResponseNormalization.Caffe"/>
    public static Call<LocalResponseNormalization> CaffeLrn(
        int localSize = 5,
        double alpha = 1,
        double beta = 0.75,
        double k = 1,
        string? name = null
    ) => Lamina.LocalResponseNormalization.Caffe(localSize, alpha, beta, k, name).Apply;

    /// <inheritdoc cref="Lamina.LocalResponseNormalization.PyTorch"/>
    public static Call<LocalResponseNormalization> PyTorchLrn(
        int size,
        double alpha = 1e-4,
        double beta = 0.75,
        double k = 1,
        string? name = null
    ) => Lamina.LocalResponseNormalization.PyTorch(size, alpha, beta, k, name).Apply;

    /// <inheritdoc cref="Lamina.LocalResponseNormalization.TensorFlow"/>
    public static Call<LocalResponseNormalization> TensorFlowLrn(
        int depthRadius = 5,
        double bias = 1,
        double alpha = 1,
        double beta = 0.5,
        string? name = null
    ) => Lamina.LocalResponseNormalization.TensorFlow(depthRadius, bias, alpha, beta, name).Apply;
}
