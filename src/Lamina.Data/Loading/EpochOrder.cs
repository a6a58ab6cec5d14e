namespace Lamina;

/// <summary>The order of images in an epoch, which depends only on the source, the seed and the epoch.</summary>
internal static class EpochOrder
{
    /// <summary>
    /// Returns a random order. Where images of a page are cheap to read in succession, files are in random order, and their
    /// images are mixed within windows of some pages; otherwise any order is equally likely.
    /// </summary>
    public static int[] Of(LabeledImages source, long seed, int epoch)
    {
        int[] order = [.. Enumerable.Range(0, source.Count)];
        if (source.Count == 0 || source.PlaceOf(0).File < 0)
        {
            new RandomStream(seed, RandomPurpose.Shuffle, epoch).Shuffle(order.AsSpan());
            return order;
        }
        int[] files = [.. Files(source)];
        int[] chosen = [.. Enumerable.Range(0, files.Length)];
        new RandomStream(seed, RandomPurpose.Shuffle, epoch).Shuffle(chosen.AsSpan());
        int at = 0;
        foreach (int file in chosen)
        {
            int end = file + 1 < files.Length ? files[file + 1] : source.Count;
            for (int i = files[file]; i < end; i++)
            {
                order[at++] = i;
            }
        }
        int window = 0;
        foreach (Range range in Windows(source, order))
        {
            new RandomStream(seed, RandomPurpose.Shuffle, epoch, ++window).Shuffle(order.AsSpan()[range]);
        }
        return order;
    }

    /// <summary>Returns the first image of each file.</summary>
    private static IEnumerable<int> Files(LabeledImages source)
    {
        int last = -1;
        for (int i = 0; i < source.Count; i++)
        {
            int file = source.PlaceOf(i).File;
            if (file != last)
            {
                last = file;
                yield return i;
            }
        }
    }

    private static List<Range> Windows(LabeledImages source, int[] order)
    {
        var windows = new List<Range>();
        (int start, int pages) = (0, 0);
        (int, int) last = (-1, 0);
        for (int i = 0; i < order.Length; i++)
        {
            (int, int) place = source.PlaceOf(order[i]);
            if (place == last)
            {
                continue;
            }
            last = place;
            if (++pages > source.PagesInWindow)
            {
                windows.Add(start..i);
                (start, pages) = (i, 1);
            }
        }
        windows.Add(start..order.Length);
        return windows;
    }
}
