namespace Lamina;

/// <summary>The formats that models are read from and written to.</summary>
public static class ModelFormats
{
    /// <summary>All formats, in the order in which a file's content is tested.</summary>
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

    /// <summary>
    /// Returns the format of an existing file or folder, by its content, or by its name if the content is ambiguous.
    /// </summary>
    /// <param name="path">A file, or a folder of a saved model or a run.</param>
    /// <exception cref="ModelFileException">
    /// The file does not exist, cannot be read, or has none of the formats.
    /// </exception>
    public static ModelFormat Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var signature = FileSignature.Read(path);
        return All.FirstOrDefault(f => f.Recognizes(signature))
            ?? (signature.IsFolder ? null : ByExtension(path))
            ?? throw new ModelFileException(
                signature.IsFolder
                    ? $"{path}: is a folder, but neither a run nor a saved model."
                    : $"{path}: is not a model file: Lamina reads {string.Join(", ", All.Select(f => f.Name))}."
            );
    }

    /// <summary>Returns the format of a file extension; <see langword="null"/> if it is unknown.</summary>
    public static ModelFormat? ByExtension(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        // The longest first, because .weights.h5 is another format than .h5.
        return All.SelectMany(f => f.Extensions.Select(e => (Format: f, Ending: e)))
            .Where(p => path.EndsWith(p.Ending, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(p => p.Ending.Length)
            .Select(p => p.Format)
            .FirstOrDefault();
    }

    /// <summary>
    /// Returns the format with this <see cref="ModelFormat.Name"/>; <see langword="null"/> if it is unknown.
    /// </summary>
    public static ModelFormat? ByName(string name) => All.FirstOrDefault(f => f.Name == name);
}
