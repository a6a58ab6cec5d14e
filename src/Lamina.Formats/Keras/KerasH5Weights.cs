using Lamina.Hdf5;

namespace Lamina;

/// <summary>Finds a model's weights in an HDF5 file, checks all, reads all, and then sets them.</summary>
internal static class KerasH5Weights
{
    /// <summary>Sets the weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="group">The group that contains the weights.</param>
    /// <param name="sequentials">
    /// The names of nested models that are Sequentials in Keras; <see langword="null"/> if unknown.
    /// </param>
    /// <exception cref="InvalidDataException">The file is damaged, or does not match the model.</exception>
    public static void Set(Model model, KerasWeightGroup group, IReadOnlySet<string>? sequentials)
    {
        IReadOnlyList<(Weight Weight, Hdf5Dataset Dataset)> found = group.IsLegacy
            ? KerasLegacyLayout.Find(model, group.Group)
            : new KerasVersion3Layout(sequentials).Find(model, group.Group);
        var assigned = new HashSet<Weight>();
        foreach ((Weight weight, Hdf5Dataset dataset) in found)
        {
            Require(weight, dataset);
            assigned.Add(weight);
        }
        if (model.Weights.FirstOrDefault(w => !assigned.Contains(w)) is { } missing)
        {
            throw new InvalidDataException($"it has no weight for {missing}, which the model requires");
        }
        float[][] values = [.. found.Select(f => IsCount(f.Weight) ? [0f] : f.Dataset.ReadFloats())];
        for (int i = 0; i < values.Length; i++)
        {
            found[i].Weight.TakeValues(values[i]);
        }
    }

    /// <summary>Returns <see langword="true"/> if a dataset can contain a weight's values.</summary>
    public static bool Fits(Weight weight, Hdf5Dataset dataset) =>
        (dataset.IsFloat || IsCount(weight)) && KerasWeights.SameShape(dataset.Space.Dims, weight.Shape);

    // An integer in Keras, which nothing reads.
    private static bool IsCount(Weight weight) => weight is { Layer: Normalization, Name: "count" };

    private static void Require(Weight weight, Hdf5Dataset dataset)
    {
        if (!Fits(weight, dataset))
        {
            throw new InvalidDataException($"dataset {dataset} does not match the model's {weight}");
        }
    }
}
