namespace Lamina;

/// <summary>A class that files may name, and the function that creates an instance.</summary>
/// <param name="Type">The class.</param>
/// <param name="Make">Creates an instance from its config.</param>
/// <param name="ConfigName">The name in files; <see langword="null"/> for the class's.</param>
internal sealed record InitializerClass(Type Type, Func<LayerConfigReader, Initializer> Make, string? ConfigName = null)
{
    /// <summary>The name in files.</summary>
    public string Name => ConfigName ?? Type.Name;
}
