namespace Lamina;

/// <summary>A file in a zip archive.</summary>
/// <param name="Name">The name, with parts separated by <c>/</c>.</param>
/// <param name="IsStored">
/// <see langword="true"/> if its bytes are stored as they are: neither compressed nor encrypted.
/// </param>
/// <param name="Offset">The position of its bytes in the archive.</param>
/// <param name="Length">The number of its bytes in the archive.</param>
/// <param name="Crc">The CRC-32 of its content.</param>
internal sealed record StoredEntry(string Name, bool IsStored, long Offset, long Length, uint Crc);
