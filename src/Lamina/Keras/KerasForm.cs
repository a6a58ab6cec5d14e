namespace Lamina;

/// <summary>The two forms in which Keras writes an architecture.</summary>
internal enum KerasForm
{
    /// <summary>Keras 2's, which Keras 3 and tfjs read too: class_name and config, nodes as lists.</summary>
    Keras2,

    /// <summary>Keras 3's, of <c>.keras</c> files: module and registered_name, nodes as call arguments.</summary>
    Keras3,
}
