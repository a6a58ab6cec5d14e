namespace Lamina;

/// <summary>An archive whose bytes can be read at any position. Thread-safe.</summary>
internal abstract class ByteSource
{
    /// <summary>The path or address, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The number of bytes when the archive was opened.</summary>
    public abstract long Length { get; }

    /// <summary>The identity of the content without reading it: an index made for another stamp is stale.</summary>
    public abstract string Stamp { get; }

    /// <summary>The files where an index of the archive may be kept, in the order of preference.</summary>
    public abstract IReadOnlyList<string> IndexPaths { get; }

    /// <summary>
    /// Returns the page of a position, if bytes of a page are cheap to read once one was; -1 if any order is as good.
    /// </summary>
    public virtual int PageOf(long offset) => -1;

    /// <summary>Opens a stream over all bytes, which can seek.</summary>
    public abstract Stream OpenStream();

    /// <summary>Reads bytes at an offset; fails unless all are there.</summary>
    /// <exception cref="DataException">The archive cannot be read, or became shorter.</exception>
    public abstract void Read(long offset, Span<byte> target);
}
