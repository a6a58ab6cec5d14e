namespace Lamina;

/// <summary>The identity of an image's content.</summary>
/// <param name="Name">The name within the source, independent of the source's location.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Hash">The SHA-256 of the bytes; empty if they were not read.</param>
public readonly record struct ImageContent(string Name, long Length, ReadOnlyMemory<byte> Hash);
