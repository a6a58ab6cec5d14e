using System.Text.Json.Nodes;
using Lamina.Hdf5;

namespace Lamina;

/// <summary>Describes the content of a Keras file.</summary>
internal static class KerasDescription
{
    private const int MaxDepth = 64;

    public static FileDescription Of(KerasContent content)
    {
        var tensors = new List<TensorDescription>();
        Collect(content.Root, tensors, 0);
        var notes = new List<string>();
        if (content.ReadArchitecture() is JsonObject architecture)
        {
            notes.AddRange(KerasArchitecture.Notes(architecture));
        }
        if (content.KerasVersion is { } version)
        {
            notes.Add($"written by Keras {Quoted.Line(version, 60)}");
        }
        return new FileDescription(
            content.Format,
            tensors,
            notes,
            EmbeddedMetadata.Merged(content.Metadata, content.ReadOwnMetadata())
        );
    }

    private static void Collect(Hdf5Group group, List<TensorDescription> tensors, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"its groups are more than {MaxDepth} deep, or contain themselves");
        }
        foreach (string name in group.Names)
        {
            switch (group.Find(name))
            {
                case Hdf5Group inner:
                    Collect(inner, tensors, depth + 1);
                    break;
                case Hdf5Dataset dataset:
                    tensors.Add(
                        new TensorDescription(dataset.Path[1..], dataset.Type.Name, dataset.Space.Dims, dataset.Bytes)
                    );
                    break;
                default:
                    break;
            }
        }
    }
}
