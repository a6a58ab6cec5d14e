namespace Lamina;

/// <summary>An image, or a folder of images, that could not be read and was skipped.</summary>
/// <param name="Name">Its path, or its file and number.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedImage(string Name, string Reason);
