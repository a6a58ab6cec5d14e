namespace Lamina;

/// <summary>What tells an image's content from any other's.</summary>
/// <param name="Name">Its name within the source, the same wherever the source lies.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Hash">Their SHA-256; empty where they were not read.</param>
public readonly record struct ImageContent(string Name, long Length, ReadOnlyMemory<byte> Hash);
