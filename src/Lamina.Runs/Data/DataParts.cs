namespace Lamina.Runs.Data;

/// <summary>The folders of a training, where a folder has one for each of its parts.</summary>
/// <param name="Train">The folder of the images to train on.</param>
/// <param name="Validation">The folder to validate on, and to test on if there is no other; null for none.</param>
/// <param name="Test">The folder to test on, if validation has another; null for none.</param>
/// <param name="Note">What was recognized, in a line; null if nothing.</param>
internal sealed record DataParts(string Train, string? Validation, string? Test, string? Note)
{
    /// <summary>Looks for the parts of a folder to train on.</summary>
    /// <param name="folder">The folder that the command names.</param>
    /// <param name="format">Its format: only folders of images have such parts.</param>
    /// <param name="validation">The folder of test images that the command names; null for none.</param>
    public static DataParts Of(string folder, DataFormat format, string? validation)
    {
        if (validation is not null)
        {
            validation = TestOf(validation, format, []).Folder;
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

    /// <summary>Looks for the part of a folder to test on: the test images, or else those for validation.</summary>
    /// <param name="folder">The folder that the command names.</param>
    /// <param name="format">Its format.</param>
    /// <param name="classes">The model's classes: a sub-folder with the name of one is that class.</param>
    public static (string Folder, string? Note) TestOf(string folder, DataFormat format, IReadOnlyList<string> classes)
    {
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
