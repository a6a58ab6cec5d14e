namespace Lamina.Runs;

/// <summary>The labeled images for a look inside a classifier.</summary>
public sealed record InspectionData
{
    /// <summary>
    /// The folder of images with a subfolder per class, or of IDX files. Default: <see langword="null"/>, those of the run.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>The format of <see cref="Folder"/>. Default: <see langword="null"/>, detected.</summary>
    public DataFormat? Format { get; init; }
}
