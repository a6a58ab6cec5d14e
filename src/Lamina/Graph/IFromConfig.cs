namespace Lamina;

/// <summary>
/// A class that is made from a config, so that saved models may name it: the counterpart of
/// <see cref="Layer.GetConfig"/>. Register a class of your own with <c>LayerRegistry.Register&lt;MyLayer&gt;()</c>.
/// </summary>
/// <typeparam name="TSelf">The class itself.</typeparam>
public interface IFromConfig<TSelf>
    where TSelf : IFromConfig<TSelf>
{
    /// <summary>Makes an object from its config.</summary>
    /// <param name="config">The config; its reader refuses malformed values, and keys that were not read.</param>
    /// <exception cref="ConfigException">The config is malformed.</exception>
    static abstract TSelf FromConfig(LayerConfigReader config);
}
