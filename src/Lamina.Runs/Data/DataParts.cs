namespace Lamina.Runs.Data;

/// <summary>The folders of a training, if the data folder has subfolders for its parts.</summary>
/// <param name="Train">The folder of the training images.</param>
/// <param name="Validation">The folder of the validation images, also for the test if there is no other; null for none.</param>
/// <param name="Test">The folder of the test images, if it is separate; null for none.</param>
/// <param name="Note">A line about the recognized folders; null if there are none.</param>
internal sealed record DataParts(string Train, string? Validation, string? Test, string? Note)
{
    /// <summary>Finds the parts of a training folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="format">The format; only folders of images have parts.</param>
    /// <param name="validation">The separate folder of test images; null for none.</param>
    public static DataParts Of(string folder, DataFormat format, string? validation)
    {
        if (validation is not null)
        {
            validation = TestOf(validation, format, []).Folder;
        }
        if (PartOfSource.Parse(folder).Parts(format, validation) is { } parts)
        {
            return parts;
        }
        if (format is not DataFormat.Folder || SplitFolders.Find(folder) is not { Train: { } train } split)
        {
            return new DataParts(folder, validation, null, null);
        }
        string? other = validation ?? split.Validation ?? split.Test;
        string? test = validation is null && split.Validation is not null ? split.Test : null;
        string[] used = [.. new[] { train, other, test }.OfType<string>().Where(p => p != validation).Select(Name)];
        string ignored = split.Ignored.Count == 0 ? "" : $"; not used: {string.Join(", ", split.Ignored.Select(Name))}";
        return new DataParts(train, other, test, $"found {string.Join(", ", used)} in {folder}{ignored}");
    }

    private static string Name(string folder) => $"{Path.GetFileName(folder)}/";

    /// <summary>Finds the test part of a folder: the test images, or else the validation images.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="format">Its format.</param>
    /// <param name="classes">The classes of the model; a subfolder with the name of one is that class.</param>
    public static (string Folder, string? Note) TestOf(string folder, DataFormat format, IReadOnlyList<string> classes)
    {
        if (PartOfSource.Parse(folder).TestPart(format) is { } found)
        {
            return (found, $"{folder}: testing on its part {PartOfSource.Parse(found).Part}");
        }
        if (
            format is not DataFormat.Folder
            || SplitFolders.Find(folder) is not { } split
            || (split.Test ?? split.Validation) is not { } part
            || new[] { split.Train, split.Validation, split.Test }.Any(p => classes.Contains(Path.GetFileName(p)))
        )
        {
            return (folder, null);
        }
        return (part, $"{folder}: testing on its {Path.GetFileName(part)}/");
    }
}
