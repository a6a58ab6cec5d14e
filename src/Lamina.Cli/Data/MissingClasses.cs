namespace Lamina.Cli;

/// <summary>Says which classes have no images, as results say nothing of them.</summary>
internal static class MissingClasses
{
    private const int Named = 5;

    /// <summary>Writes a line if there are such classes.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="images">The images.</param>
    /// <param name="purpose">What they are for: "train on", "test on".</param>
    public static void Warn(Terminal terminal, LabeledImages images, string purpose)
    {
        IReadOnlyList<string> missing = images.ClassesWithoutImages;
        if (missing.Count == 0)
        {
            return;
        }
        string names = string.Join(", ", missing.Take(Named).Select(n => $"'{n}'"));
        string rest = missing.Count > Named ? FormattableString.Invariant($" and {missing.Count - Named} more") : "";
        string classes = missing.Count == 1 ? "class" : "classes";
        terminal.WriteError(ErrorLine.OneLine($"no images to {purpose} of {classes} {names}{rest}."));
    }
}
