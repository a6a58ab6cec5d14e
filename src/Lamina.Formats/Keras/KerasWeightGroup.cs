using Lamina.Hdf5;

namespace Lamina;

/// <summary>
/// The group of an HDF5 file that contains a model's weights, and the one of Keras's two layouts that it uses.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="IsLegacy">
/// <see langword="true"/> for the layout of Keras 2: layer_names, and weight_names in each layer's group.
/// </param>
internal sealed record KerasWeightGroup(Hdf5Group Group, bool IsLegacy)
{
    /// <summary>Returns the group of the weights.</summary>
    /// <exception cref="InvalidDataException">The file has neither layout.</exception>
    public static KerasWeightGroup Of(Hdf5Group root) =>
        Find(root) ?? throw new InvalidDataException("it is HDF5, but contains no weights where Keras stores them");

    /// <summary>Returns the group of the weights; <see langword="null"/> if the file has neither layout.</summary>
    public static KerasWeightGroup? Find(Hdf5Group root)
    {
        if (root.Group("model_weights") is { } weights)
        {
            return new KerasWeightGroup(weights, true);
        }
        if (root.HasAttribute("layer_names") || root.HasAttribute("layer_names0"))
        {
            return new KerasWeightGroup(root, true);
        }
        return Layers(root) is null ? null : new KerasWeightGroup(root, false);
    }

    /// <summary>
    /// Returns the layers of a model in Keras 3's layout; Keras 2.12 and 2.13 used another name for them.
    /// </summary>
    public static Hdf5Group? Layers(Hdf5Group model) =>
        model.Group("layers") ?? model.Group("_layer_checkpoint_dependencies");

    /// <summary>Returns the names in an attribute, which is split into several if it is too long for one.</summary>
    public static IReadOnlyList<string> Names(Hdf5Group group, string attribute)
    {
        if (group.Texts(attribute) is { } whole)
        {
            return whole;
        }
        var names = new List<string>();
        for (int i = 0; group.Texts($"{attribute}{i}") is { } part; i++)
        {
            names.AddRange(part);
        }
        return names;
    }
}
