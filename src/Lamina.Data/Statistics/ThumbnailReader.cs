using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lamina;

/// <summary>Reads images as thumbnails on all processors, for a limited time.</summary>
internal sealed class ThumbnailReader(
    BaselineOptions options,
    IProgress<double>? progress,
    CancellationToken cancellation
)
{
    /// <summary>The largest side in pixels.</summary>
    public const int MaxSide = 32;

    private const int Probed = 16;
    private const int BlockSize = 64;
    private const int FewestRead = 128;
    private readonly ConcurrentBag<ThumbnailMaker> _makers = [];

    /// <summary><see langword="true"/> if all images were read within the time limit.</summary>
    public bool HasReadAll { get; private set; } = true;

    /// <summary>Returns the thumbnail size for these images: their own size if they are small, like MNIST.</summary>
    public Size2 SizeOf(LabeledImages images, int[] order)
    {
        var size = new Size2(1);
        var pixels = new PixelBuffer();
        foreach (int index in order.Take(Probed))
        {
            if (TryDecode(images, index, pixels))
            {
                size = new(Math.Max(size.Height, pixels.Height), Math.Max(size.Width, pixels.Width));
            }
        }
        return new(Math.Min(size.Height, MaxSide), Math.Min(size.Width, MaxSide));
    }

    /// <summary>Reads images until the time limit; unreadable ones are skipped.</summary>
    /// <param name="images">The images.</param>
    /// <param name="order">The indices of the images to read, in order.</param>
    /// <param name="size">The size of the thumbnails.</param>
    /// <param name="from">The progress before reading.</param>
    /// <param name="to">The progress after reading; the difference is also the fraction of the time limit.</param>
    /// <returns>The thumbnails in the order of the images.</returns>
    public List<Thumbnail> Read(LabeledImages images, int[] order, Size2 size, double from, double to)
    {
        long begin = Stopwatch.GetTimestamp();
        TimeSpan limit = options.ReadingTime * ((to - from) / 0.8);
        var read = new Thumbnail?[order.Length];
        int end = 0;
        while (end < order.Length)
        {
            if (end >= FewestRead && Stopwatch.GetElapsedTime(begin) > limit)
            {
                HasReadAll = false;
                break;
            }
            int start = end;
            end = Math.Min(start + BlockSize, order.Length);
            Parallel.For(start, end, OnAllProcessors, i => read[i] = TryRead(images, order[i], size));
            progress?.Report(from + ((to - from) * end / order.Length));
        }
        return [.. order.Zip(read).Where(r => r.Second is not null).OrderBy(r => r.First).Select(r => r.Second!)];
    }

    private ParallelOptions OnAllProcessors =>
        new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };

    private Thumbnail? TryRead(LabeledImages images, int index, Size2 size)
    {
        if (!_makers.TryTake(out ThumbnailMaker? maker))
        {
            maker = new ThumbnailMaker();
        }
        Thumbnail? thumbnail = TryDecode(images, index, maker.Pixels) ? maker.Make(size, images.Labels[index]) : null;
        _makers.Add(maker);
        return thumbnail;
    }

    private bool TryDecode(LabeledImages images, int index, PixelBuffer pixels)
    {
        try
        {
            images.Decode(index, pixels, options.DecodeSize);
            return true;
        }
        catch (DataException)
        {
            // The training loader reports the image.
            return false;
        }
    }
}
