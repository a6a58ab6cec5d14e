using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Lamina;

/// <summary>
/// An activation function, as an argument of a layer. A Keras name converts: <c>"relu"</c>, <c>"softmax"</c>, …
/// "linear" is the identity.
/// </summary>
public sealed record Activation
{
    /// <summary>The name of x / 6 + 0.5 from 0 to 1, which Keras 3 calls hard_sigmoid.</summary>
    internal const string HardSigmoidOfKeras3 = "hard_sigmoid_keras3";

    private static readonly Dictionary<string, Activation> s_names = new Activation[]
    {
        new("linear", null),
        new("relu", ActivationKind.Relu),
        new("relu6", ActivationKind.Relu6),
        new("leaky_relu", ActivationKind.LeakyRelu, 0.2),
        new("elu", ActivationKind.Elu, 1),
        new("selu", ActivationKind.Selu),
        new("gelu", ActivationKind.Gelu),
        new("sigmoid", ActivationKind.Sigmoid),
        new("tanh", ActivationKind.Tanh),
        new("softplus", ActivationKind.Softplus),
        new("softsign", ActivationKind.Softsign),
        new("silu", ActivationKind.Silu),
        new("swish", ActivationKind.Silu),
        new("hard_sigmoid", ActivationKind.HardSigmoid),
        new(HardSigmoidOfKeras3, ActivationKind.HardSigmoid),
        new("exponential", ActivationKind.Exponential),
        new("softmax", null),
        new("celu", ActivationKind.Elu, 1),
        new(ActivationFunctions.LogSigmoid, "log_sigmoid"),
        new(Ops.LogSoftmax, "log_softmax"),
        new(ActivationFunctions.Mish, "mish"),
        new(ActivationFunctions.HardSilu, "hard_silu"),
        new(ActivationFunctions.HardSilu, "hard_swish"),
        new(x => Ops.Clip(x, -1, 1), "hard_tanh"),
        new(ActivationFunctions.HardShrink, "hard_shrink"),
        new(x => x - Ops.Clip(x, -0.5, 0.5), "soft_shrink"),
        new(x => x - Ops.Activate(x, ActivationKind.Tanh), "tanh_shrink"),
        new(x => (x + Ops.Sqrt(Ops.Square(x) + 4)) * 0.5, "squareplus"),
        new(ActivationFunctions.SparsePlus, "sparse_plus"),
        new(x => Ops.Clip((x + 1) * 0.5, 0, 1), "sparse_sigmoid"),
        new(ActivationFunctions.Sparsemax, "sparsemax"),
        new(ActivationFunctions.Glu, "glu"),
    }.ToDictionary(a => a.Name, StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, Activation> s_registered = new(StringComparer.Ordinal);

    private readonly Func<Symbol, Symbol>? _call;
    private readonly ActivationKind? _kind;
    private readonly double _alpha;

    private Activation(string name, ActivationKind? kind, double alpha = 0) =>
        (Name, _kind, _alpha) = (name, kind, alpha);

    private Activation(Func<Symbol, Symbol> call, string name) => (Name, _call) = (name, call);

    /// <summary>
    /// Registers a custom activation, written in <see cref="Ops"/>. Layers accept it by its name, and models that use
    /// it can be loaded once it is registered.
    /// </summary>
    /// <param name="name">The name, not used by another activation.</param>
    /// <param name="call">Applies the activation.</param>
    /// <exception cref="ArgumentException">An activation with this name is registered or built in.</exception>
    public static Activation Register(string name, Func<Symbol, Symbol> call)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(call);
        var activation = new Activation(call, name);
        return !s_names.ContainsKey(name) && s_registered.TryAdd(name, activation)
            ? activation
            : throw new ArgumentException($"The activation '{name}' is already registered.", nameof(name));
    }

    /// <summary>Returns <see langword="true"/> if the name is one of Keras's.</summary>
    internal static bool IsBuiltIn(string name) => s_names.ContainsKey(name);

    /// <summary>The name in Keras.</summary>
    public string Name { get; }

    /// <summary>The identity.</summary>
    public static Activation Linear => s_names["linear"];

    /// <summary><see langword="true"/> if this is the identity.</summary>
    public bool IsLinear => Name == "linear";

    /// <summary>Returns the activation with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Activation FromName(string name) =>
        s_names.GetValueOrDefault(name)
        ?? s_registered.GetValueOrDefault(name)
        ?? throw new ArgumentException(
            $"'{name}' is not an activation. Use one of {string.Join(", ", s_names.Keys)}, or register it with Activation.Register.",
            nameof(name)
        );

    /// <summary>Returns the activation with this Keras name; <see langword="null"/> for <see langword="null"/>.</summary>
    [return: NotNullIfNotNull(nameof(name))]
    public static implicit operator Activation?(string? name) => name is null ? null : FromName(name);

    /// <summary>Applies the activation as an op; for a layer's Call.</summary>
    public Symbol Apply(Symbol x) =>
        Name switch
        {
            _ when _call is not null => _call(x),
            "linear" => x,
            "softmax" => Ops.Softmax(x),
            // The slope of the op is 0.2, as in Keras 2.
            HardSigmoidOfKeras3 => ActivationFunctions.HardSigmoidOfKeras3(x),
            _ => Ops.Activate(x, _kind!.Value, _alpha),
        };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
