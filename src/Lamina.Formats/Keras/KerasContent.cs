using System.Text.Json.Nodes;
using Lamina.Hdf5;

namespace Lamina;

/// <summary>An open Keras file: an archive or HDF5, by its first bytes.</summary>
internal abstract class KerasContent(string path) : IDisposable
{
    private Hdf5File? _hdf5;

    /// <summary>The file's path, for messages.</summary>
    public string Path => path;

    /// <summary>The description of the file for human readers.</summary>
    public abstract string Format { get; }

    /// <summary>The version of Keras that wrote it; <see langword="null"/> if it is not stated.</summary>
    public abstract string? KerasVersion { get; }

    /// <summary>The file's own metadata.</summary>
    public abstract JsonObject? Metadata { get; }

    /// <summary>The metadata that Lamina wrote; <see langword="null"/> if there is none.</summary>
    public abstract JsonObject? ReadOwnMetadata();

    /// <summary>The root group of the file's HDF5.</summary>
    public Hdf5Group Root => (_hdf5 ??= OpenHdf5()).Root;

    /// <summary>Opens the content of a stream.</summary>
    public static KerasContent Open(FileStream file, string path)
    {
        Span<byte> start = stackalloc byte[8];
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (start[..length].SequenceEqual(Hdf5File.Signature))
        {
            return new KerasHdf5Content(file, path);
        }
        return start[..length].StartsWith("PK"u8)
            ? new KerasArchive(file, path)
            : throw new ModelFileException($"{path}: is not a Keras file: it is neither a zip archive nor HDF5.");
    }

    /// <summary>
    /// Returns the architecture (class_name and config), which the caller may change; <see langword="null"/> if the
    /// file has none.
    /// </summary>
    public abstract JsonObject? ReadArchitecture();

    /// <summary>Returns the group that contains the weights.</summary>
    public KerasWeightGroup Weights()
    {
        KerasWeightGroup group = KerasWeightGroup.Of(Root);
        VerifyWeights();
        return group;
    }

    /// <summary>Returns the model, and the names of nested models that are Sequentials.</summary>
    public (Model Model, IReadOnlySet<string> Sequentials) ReadModel()
    {
        JsonObject architecture =
            ReadArchitecture()
            ?? throw new ModelFileException(
                $"{path}: contains weights but no architecture. Build the model in code and use LoadWeights."
            );
        HashSet<string> sequentials = KerasArchitecture.Sequentials(architecture);
        return (KerasArchitecture.ModelOf(architecture, path, KerasVersion), sequentials);
    }

    /// <summary>
    /// Returns the names of nested Sequentials; <see langword="null"/> if the file has no architecture.
    /// </summary>
    public IReadOnlySet<string>? Sequentials() =>
        ReadArchitecture() is { } architecture ? KerasArchitecture.Sequentials(architecture) : null;

    /// <inheritdoc/>
    public virtual void Dispose() { }

    /// <summary>Verifies the checksums of the weights, if the file has any.</summary>
    protected virtual void VerifyWeights() { }

    /// <summary>Opens the HDF5.</summary>
    protected abstract Hdf5File OpenHdf5();
}

/// <summary>An HDF5 file: a whole model of Keras 2, or weights of any version of Keras.</summary>
internal sealed class KerasHdf5Content(FileStream file, string path) : KerasContent(path)
{
    public override string Format =>
        Root.HasAttribute("model_config") ? "Keras HDF5 model"
        : KerasWeightGroup.Find(Root) is { IsLegacy: var legacy }
            ? legacy ? "Keras 2 HDF5 weights"
                : "Keras 3 HDF5 weights"
        : "HDF5";

    public override string? KerasVersion => Root.Text("keras_version");

    public override JsonObject? Metadata => null;

    public override JsonObject? ReadOwnMetadata() => EmbeddedMetadata.Parse(Root.Text(EmbeddedMetadata.Name), Path);

    public override JsonObject? ReadArchitecture()
    {
        if (Root.Text("model_config") is not { } json)
        {
            return null;
        }
        string label = $"{Path}: model_config";
        if (json.Length > KerasArchitecture.MaxLength)
        {
            throw new ModelFileException($"{label}: is longer than {KerasArchitecture.MaxLength} characters.");
        }
        return StrictJson.Parse(System.Text.Encoding.UTF8.GetBytes(json), label);
    }

    protected override Hdf5File OpenHdf5() => Hdf5File.Open(file, file.Length);
}
