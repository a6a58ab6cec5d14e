using System.Collections.Concurrent;

namespace Lamina;

/// <summary>The initializers by their Keras names.</summary>
public static class Initializers
{
    private static readonly Dictionary<string, Func<Initializer>> s_names = new(StringComparer.Ordinal)
    {
        ["zeros"] = () => new Zeros(),
        ["ones"] = () => new Ones(),
        ["constant"] = () => new Constant(),
        ["random_uniform"] = () => new RandomUniform(),
        ["random_normal"] = () => new RandomNormal(),
        ["truncated_normal"] = () => new TruncatedNormal(),
        ["glorot_uniform"] = () => new GlorotUniform(),
        ["glorot_normal"] = () => new GlorotNormal(),
        ["he_uniform"] = () => new HeUniform(),
        ["he_normal"] = () => new HeNormal(),
        ["orthogonal"] = () => new Orthogonal(),
        ["identity"] = () => new IdentityInitializer(),
    };

    private static readonly ConcurrentDictionary<string, InitializerClass> s_classes = new(
        new InitializerClass[]
        {
            new(typeof(Zeros), Zeros.FromConfig),
            new(typeof(Ones), Ones.FromConfig),
            new(typeof(Constant), Constant.FromConfig),
            new(typeof(RandomUniform), RandomUniform.FromConfig),
            new(typeof(RandomNormal), RandomNormal.FromConfig),
            new(typeof(TruncatedNormal), TruncatedNormal.FromConfig),
            new(typeof(VarianceScaling), VarianceScaling.FromConfig),
            new(typeof(GlorotUniform), GlorotUniform.FromConfig),
            new(typeof(GlorotNormal), GlorotNormal.FromConfig),
            new(typeof(HeUniform), HeUniform.FromConfig),
            new(typeof(HeNormal), HeNormal.FromConfig),
            new(typeof(Orthogonal), Orthogonal.FromConfig),
            new(typeof(IdentityInitializer), IdentityInitializer.FromConfig, IdentityInitializer.ConfigClass),
        }.ToDictionary(c => c.Name),
        StringComparer.Ordinal
    );

    /// <summary>
    /// Registers a custom initializer class, so that models that use it can be saved and loaded. Registering it again
    /// has no effect.
    /// </summary>
    /// <typeparam name="TInitializer">The class; configs contain its name without the namespace.</typeparam>
    /// <exception cref="ArgumentException">Another class with this name is registered or built in.</exception>
    public static void Register<TInitializer>()
        where TInitializer : Initializer, IFromConfig<TInitializer>
    {
        Type type = typeof(TInitializer);
        if (s_classes.GetOrAdd(type.Name, _ => new InitializerClass(type, TInitializer.FromConfig)).Type != type)
        {
            throw new ArgumentException(
                $"The initializer class '{type.Name}' is already registered.",
                nameof(TInitializer)
            );
        }
    }

    /// <summary>Returns the class of an initializer, or <see langword="null"/> if it is unknown.</summary>
    internal static InitializerClass? OfType(Type type) => s_classes.Values.FirstOrDefault(c => c.Type == type);

    /// <summary>Returns the class with this name, or <see langword="null"/> if it is unknown.</summary>
    internal static InitializerClass? OfClass(string className) => s_classes.GetValueOrDefault(className);

    /// <summary>The known class names, in ordinal order.</summary>
    internal static IEnumerable<string> ClassNames => s_classes.Keys.Order(StringComparer.Ordinal);

    /// <summary>Returns the initializer with this Keras name and its defaults.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Initializer FromName(string name) =>
        s_names.TryGetValue(name, out Func<Initializer>? make)
            ? make()
            : throw new ArgumentException(
                $"'{name}' is not an initializer. Use one of {string.Join(", ", s_names.Keys)}.",
                nameof(name)
            );
}
