namespace Lamina;

/// <summary>
/// A class that can be created from a config, so that saved models can refer to it. This is the counterpart of
/// <see cref="Layer.GetConfig"/>. Register custom classes with <c>LayerRegistry.Register&lt;MyLayer&gt;()</c>.
/// </summary>
/// <typeparam name="TSelf">The class itself.</typeparam>
public interface IFromConfig<TSelf>
    where TSelf : IFromConfig<TSelf>
{
    /// <summary>Creates an object from its config.</summary>
    /// <param name="config">The config. Its reader rejects malformed values and keys that were not read.</param>
    /// <exception cref="ConfigException">The config is malformed.</exception>
    static abstract TSelf FromConfig(LayerConfigReader config);
}
