namespace Lamina;

/// <summary>An image, or a folder of images, that could not be read and was skipped.</summary>
/// <param name="Name">The path, or the file and number.</param>
/// <param name="Reason">The reason.</param>
public sealed record SkippedImage(string Name, string Reason);
