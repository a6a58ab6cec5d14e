using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Lamina;

/// <summary>
/// Sums images in one pass on several threads. Images are summed in blocks of a fixed size and the blocks are added in
/// order, so that the result is bit-identical for any number of threads.
/// </summary>
internal sealed class StatisticsPass(LabeledImages images, Preprocessing plain, IProgress<int>? progress)
{
    private const int BlockSize = 64;

    private readonly object _gate = new();
    private readonly int _values = plain.Height * plain.Width * plain.Channels;
    private readonly PixelSums _total = new(plain.Height * plain.Width, plain.Channels);
    private readonly ConcurrentDictionary<int, SkippedImage> _skipped = new();
    private int _next;
    private int _added;
    private int _seen;
    private Exception? _fault;

    private int Blocks => (images.Count + BlockSize - 1) / BlockSize;

    public (PixelSums Total, IReadOnlyList<SkippedImage> Skipped) Run(int workers, CancellationToken cancellation)
    {
        int threads = Math.Clamp(workers, 1, Math.Max(Blocks, 1));
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(0, threads, options, _ => Work(cancellation));
        if (_fault is not null)
        {
            ExceptionDispatchInfo.Throw(_fault);
        }
        return (_total, [.. _skipped.OrderBy(s => s.Key).Select(s => s.Value)]);
    }

    private void Work(CancellationToken cancellation)
    {
        try
        {
            var preparer = new ImagePreparer(plain);
            var sums = new PixelSums(plain.Height * plain.Width, plain.Channels);
            var pixels = new float[_values];
            // Blocks are claimed in order, so the earliest missing one is always in progress and no thread waits forever.
            for (int block = Take(); block < Blocks; block = Take())
            {
                sums.Clear();
                int end = Math.Min((block + 1) * BlockSize, images.Count);
                for (int i = block * BlockSize; i < end; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Sum(i, preparer, pixels, sums);
                }
                if (!Deliver(block, end - (block * BlockSize), sums))
                {
                    return;
                }
            }
        }
#pragma warning disable CA1031 // The exception is rethrown where the pass was started.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                _fault ??= e;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private int Take() => Interlocked.Increment(ref _next) - 1;

    private void Sum(int image, ImagePreparer preparer, float[] pixels, PixelSums sums)
    {
        preparer.Begin([], default);
        try
        {
            images.DecodePart(image, preparer.Pixels, plain.EnoughToDecode, preparer.ChoosePart);
        }
        catch (DataException e)
        {
            _skipped[image] = new SkippedImage(e.Path, e.Reason);
            return;
        }
        preparer.Finish(pixels);
        sums.Add(pixels);
    }

    private bool Deliver(int block, int count, PixelSums sums)
    {
        lock (_gate)
        {
            while (_added != block && _fault is null)
            {
                Monitor.Wait(_gate);
            }
            if (_fault is not null)
            {
                return false;
            }
            _total.Add(sums);
            _added++;
            _seen += count;
            Monitor.PulseAll(_gate);
            progress?.Report(_seen);
            return true;
        }
    }
}
