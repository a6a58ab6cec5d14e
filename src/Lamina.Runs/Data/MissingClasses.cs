using Lamina.Runs.Text;

namespace Lamina.Runs.Data;

/// <summary>Warnings about classes without images, which results do not cover.</summary>
internal static class MissingClasses
{
    private const int Named = 5;

    /// <summary>Returns a warning about classes without images; null if there are none.</summary>
    /// <param name="images">The images.</param>
    /// <param name="purpose">The purpose of the images: "train on", "test on".</param>
    public static string? Warning(LabeledImages images, string purpose)
    {
        IReadOnlyList<string> missing = images.ClassesWithoutImages;
        if (missing.Count == 0)
        {
            return null;
        }
        string names = string.Join(", ", missing.Take(Named).Select(n => $"'{n}'"));
        string rest = missing.Count > Named ? FormattableString.Invariant($" and {missing.Count - Named} more") : "";
        string classes = missing.Count == 1 ? "class" : "classes";
        return OneLine.Of($"no images to {purpose} of {classes} {names}{rest}.");
    }
}
