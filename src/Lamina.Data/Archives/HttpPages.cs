namespace Lamina;

/// <summary>The pages of files on servers that are in memory, least recently used ones leaving first. Thread-safe.</summary>
internal sealed class HttpPages(int pageBytes, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(HttpFile File, int Page), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _recent = [];

    /// <summary>The bytes of a page; the last of a file is shorter.</summary>
    public int PageBytes => pageBytes;

    /// <summary>Returns a page that was requested before; the first request only notes it.</summary>
    /// <returns>The bytes; <see langword="null"/> for the first request.</returns>
    public byte[]? Get(HttpFile file, int page)
    {
        Lazy<byte[]> bytes;
        lock (_gate)
        {
            if (!_entries.TryGetValue((file, page), out LinkedListNode<Entry>? node))
            {
                // Random reads would otherwise transfer a page for each image.
                node = new LinkedListNode<Entry>(new Entry(file, page));
                _entries[(file, page)] = node;
                _recent.AddFirst(node);
                Trim();
                return null;
            }
            _recent.Remove(node);
            _recent.AddFirst(node);
            bytes = node.Value.Bytes ??= new Lazy<byte[]>(() => Load(file, page));
        }
        try
        {
            return bytes.Value;
        }
        catch (ConnectionException)
        {
            // A later read tries again.
            lock (_gate)
            {
                if (_entries.Remove((file, page), out LinkedListNode<Entry>? failed))
                {
                    _recent.Remove(failed);
                }
            }
            throw;
        }
    }

    private byte[] Load(HttpFile file, int page)
    {
        long offset = (long)page * pageBytes;
        var bytes = new byte[(int)Math.Min(pageBytes, file.Length - offset)];
        file.Read(offset, bytes, 0, bytes.Length);
        return bytes;
    }

    private void Trim()
    {
        while (_entries.Count > capacity)
        {
            Entry last = _recent.Last!.Value;
            _recent.RemoveLast();
            _entries.Remove((last.File, last.Page));
        }
    }

    private sealed class Entry(HttpFile file, int page)
    {
        public HttpFile File => file;

        public int Page => page;

        public Lazy<byte[]>? Bytes { get; set; }
    }
}
