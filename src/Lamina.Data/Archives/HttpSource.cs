namespace Lamina;

/// <summary>
/// An archive on a server. A page of several megabytes is read at once when two reads need it; single reads request only
/// their bytes. Some pages stay in memory.
/// </summary>
internal sealed class HttpSource(HttpFile file, HttpPages pages) : ByteSource
{
    private readonly string _index = ArchiveIndex.CachePath(file.Name);

    public override string Name => file.Name;

    public override long Length => file.Length;

    public override string Stamp => file.Stamp;

    public override IReadOnlyList<string> IndexPaths => [_index];

    public override int PageOf(long offset) => (int)(offset / pages.PageBytes);

    public override Stream OpenStream() => new PagedStream(file, pages.PageBytes);

    public override void Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int page = PageOf(offset);
            int within = (int)(offset - ((long)page * pages.PageBytes));
            int count = Math.Min(target.Length, pages.PageBytes - within);
            if (pages.Get(file, page) is { } bytes)
            {
                bytes.AsSpan(within, count).CopyTo(target);
            }
            else
            {
                var part = new byte[count];
                file.Read(offset, part, 0, count);
                part.CopyTo(target);
            }
            target = target[count..];
            offset += count;
        }
    }
}
