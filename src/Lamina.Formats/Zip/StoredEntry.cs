namespace Lamina;

/// <summary>A file in a zip archive.</summary>
/// <param name="Name">Its name, parts joined by <c>/</c>.</param>
/// <param name="IsStored">Whether its bytes lie in the archive as they are: neither compressed nor encrypted.</param>
/// <param name="Offset">Where its bytes begin in the archive.</param>
/// <param name="Length">How many bytes it has in the archive.</param>
/// <param name="Crc">The CRC-32 of its content.</param>
internal sealed record StoredEntry(string Name, bool IsStored, long Offset, long Length, uint Crc);
