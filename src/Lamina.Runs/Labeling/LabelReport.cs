namespace Lamina.Runs;

/// <summary>The proposed class of an image.</summary>
/// <param name="Image">The path of the image.</param>
/// <param name="Class">The name of the proposed class.</param>
/// <param name="Certainty">
/// The certainty, 0 to 1: one less the distance to the middle of its class as a share of that to the next class.
/// </param>
public sealed record ProposedLabel(string Image, string Class, double Certainty);

/// <summary>The classes that were proposed for a folder.</summary>
/// <param name="Folder">The folder that was written.</param>
/// <param name="Labels">The images, the least certain first.</param>
/// <param name="Classes">The classes with their number of images.</param>
public sealed record LabelReport(
    string Folder,
    IReadOnlyList<ProposedLabel> Labels,
    IReadOnlyList<(string Name, int Images)> Classes
);
