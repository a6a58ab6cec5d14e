namespace Lamina;

/// <summary>Reads the shards of a group as one stream.</summary>
internal sealed class TfjsShardReader(IReadOnlyList<string> shards) : IDisposable
{
    private FileStream? _current;
    private int _next;

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="ModelFileException">A shard cannot be read, or ends too early.</exception>
    public void ReadExactly(Span<byte> buffer)
    {
        string shard = "";
        try
        {
            while (buffer.Length > 0)
            {
                if (_current is null)
                {
                    if (_next == shards.Count)
                    {
                        throw new EndOfStreamException();
                    }
                    shard = shards[_next++];
                    _current = new FileStream(shard, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
                }
                int read = _current.Read(buffer);
                if (read == 0)
                {
                    _current.Dispose();
                    _current = null;
                }
                buffer = buffer[read..];
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(shard.Length > 0 ? shard : shards[^1], e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _current?.Dispose();
}
