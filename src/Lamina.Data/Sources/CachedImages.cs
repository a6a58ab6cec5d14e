namespace Lamina;

/// <summary>
/// Keeps decoded pixels in memory up to a limit; other images are decoded each time. The pixels are the same either way.
/// </summary>
internal sealed class CachedImages(LabeledImages source, long maxBytes) : LabeledImages
{
    private readonly Entry?[] _entries = new Entry?[source.Count];
    private long _free = maxBytes;

    public override IReadOnlyList<string> ClassNames => source.ClassNames;

    public override IReadOnlyList<int> Labels => source.Labels;

    public override IReadOnlyList<SkippedImage> SkippedFolders => source.SkippedFolders;

    public override string NameOf(int index) => source.NameOf(index);

    internal override (int File, int Page) PlaceOf(int index) => source.PlaceOf(index);

    internal override int PagesInWindow => source.PagesInWindow;

    protected internal override ImageContent ContentOf(int index, bool quick) => source.ContentOf(index, quick);

    public override void Decode(int index, PixelBuffer target, Size2 enough = default) =>
        Decode(index, target, enough, null);

    internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        Decode(index, target, enough, part);

    private void Decode(int index, PixelBuffer target, Size2 enough, PartChooser? part)
    {
        ArgumentNullException.ThrowIfNull(target);
        Entry? entry = Volatile.Read(ref _entries[index]);
        // An image may have been decoded at a size that is too small for another loader.
        if (entry is not null && entry.Enough == enough)
        {
            entry.CopyTo(target, part);
        }
        else if (entry is not null || Volatile.Read(ref _free) <= 0)
        {
            source.DecodePart(index, target, enough, part ?? Whole);
        }
        else
        {
            source.Decode(index, target, enough);
            Keep(index, target, enough);
        }
    }

    private void Keep(int index, PixelBuffer decoded, Size2 enough)
    {
        int size = decoded.Pixels.Length;
        if (Interlocked.Add(ref _free, -size) >= 0)
        {
            var entry = new Entry(decoded, enough);
            if (Interlocked.CompareExchange(ref _entries[index], entry, null) is null)
            {
                return;
            }
        }
        Interlocked.Add(ref _free, size);
    }

    private static PixelRectangle Whole(Size2 image) => new(0, 0, image.Height, image.Width);

    private sealed class Entry
    {
        private readonly byte[] _pixels;
        private readonly Size2 _size;
        private readonly int _channels;

        public Entry(PixelBuffer decoded, Size2 enough)
        {
            _pixels = GC.AllocateUninitializedArray<byte>(decoded.Pixels.Length);
            decoded.Pixels.CopyTo(_pixels);
            (_size, _channels, Enough) = (decoded.Whole, decoded.Channels, enough);
        }

        public Size2 Enough { get; }

        public void CopyTo(PixelBuffer target, PartChooser? choose)
        {
            PixelRectangle part = choose?.Invoke(_size) ?? default;
            if (part.IsEmpty)
            {
                part = Whole(_size);
            }
            target.Resize(part.Height, part.Width, _channels);
            target.SetPart(_size, part.Top, part.Left);
            int stride = part.Width * _channels;
            for (int y = 0; y < part.Height; y++)
            {
                int from = (((part.Top + y) * _size.Width) + part.Left) * _channels;
                _pixels.AsSpan(from, stride).CopyTo(target.Pixels[(y * stride)..]);
            }
        }
    }
}
