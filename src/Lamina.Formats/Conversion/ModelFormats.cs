namespace Lamina;

/// <summary>The formats that models are read from and written to.</summary>
public static class ModelFormats
{
    /// <summary>All, in the order in which a file's content is tried.</summary>
    public static IReadOnlyList<ModelFormat> All { get; } =
    [
        SavedModelFormat.Format,
        SafetensorsFormat.Format,
        PyTorchFormat.Format,
        OnnxFormat.Format,
        KerasFormats.Archive,
        KerasFormats.Weights,
        KerasFormats.Legacy,
        TfjsFormat.Format,
    ];

    /// <summary>The format of a file or folder that is there, by its content, and where that does not tell by its name.</summary>
    /// <param name="path">A file, or a folder: a saved model, a run's.</param>
    /// <exception cref="ModelFileException">There is no such file, it cannot be read, or it is of none of the formats.</exception>
    public static ModelFormat Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var signature = FileSignature.Read(path);
        return All.FirstOrDefault(f => f.Recognises(signature))
            ?? (signature.IsFolder ? null : ByExtension(path))
            ?? throw new ModelFileException(
                signature.IsFolder
                    ? $"{path}: is a folder and neither a run nor a saved model."
                    : $"{path}: is no file of a model: Lamina reads {string.Join(", ", All.Select(f => f.Name))}."
            );
    }

    /// <summary>The format that a name's ending stands for; <see langword="null"/> if none does.</summary>
    public static ModelFormat? ByExtension(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        // The longest first: .weights.h5 is another format than .h5.
        return All.SelectMany(f => f.Extensions.Select(e => (Format: f, Ending: e)))
            .Where(p => path.EndsWith(p.Ending, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(p => p.Ending.Length)
            .Select(p => p.Format)
            .FirstOrDefault();
    }

    /// <summary>The format of a <see cref="ModelFormat.Name"/>; <see langword="null"/> if there is none.</summary>
    public static ModelFormat? ByName(string name) => All.FirstOrDefault(f => f.Name == name);
}
