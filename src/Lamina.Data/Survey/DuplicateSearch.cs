using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>Finds groups of images that look the same.</summary>
/// <param name="images">The images of all parts.</param>
internal sealed class DuplicateSearch(ImageTraits[] images)
{
    // Copies of photos that were rescaled to half or recompressed at low quality differ in up to three bits.
    private const int MostBits = 3;
    private const double MostMeanDifference = 6;
    private const int Bands = 4;

    // So many images with the same quarter of a hash are mostly of one color, and comparing all pairs would take hours.
    private const int MostInBucket = 2000;

    private readonly int[] _parents = [.. Enumerable.Range(0, images.Length)];

    /// <summary>Returns the groups of two or more images, each in order, ordered by their first image.</summary>
    public List<int[]> Groups(CancellationToken cancellation)
    {
        List<int> different = JoinEqual(cancellation);
        // With at most three different bits, at least one of four bands is equal.
        for (int band = 0; band < Bands; band++)
        {
            var buckets = new Dictionary<uint, List<int>>();
            foreach (int i in different)
            {
                uint key = (uint)(images[i].Hash >> (band * PerceptualHash.Bits / Bands));
                ref List<int>? bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(buckets, key, out _);
                (bucket ??= []).Add(i);
            }
            foreach (List<int> bucket in buckets.Values)
            {
                cancellation.ThrowIfCancellationRequested();
                Join(bucket);
            }
        }
        return
        [
            .. Enumerable
                .Range(0, images.Length)
                .GroupBy(Root)
                .Where(g => g.Count() > 1)
                .Select(g => g.ToArray())
                .OrderBy(g => g[0]),
        ];
    }

    /// <summary>Joins images with equal hashes, and returns one image of each group.</summary>
    private List<int> JoinEqual(CancellationToken cancellation)
    {
        var firsts = new List<int>();
        var byHash = new Dictionary<UInt128, List<int>>();
        for (int i = 0; i < images.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!images[i].IsReadable)
            {
                continue;
            }
            ref List<int>? equal = ref CollectionsMarshal.GetValueRefOrAddDefault(byHash, images[i].Hash, out _);
            equal ??= [];
            int alike = equal.FindIndex(other => AreAlike(images[i], images[other]));
            if (alike >= 0)
            {
                _parents[i] = equal[alike];
            }
            else if (equal.Count < MostInBucket)
            {
                equal.Add(i);
                firsts.Add(i);
            }
        }
        return firsts;
    }

    private void Join(List<int> bucket)
    {
        int compared = Math.Min(bucket.Count, MostInBucket);
        for (int a = 0; a < compared; a++)
        {
            for (int b = a + 1; b < compared; b++)
            {
                if (AreAlike(images[bucket[a]], images[bucket[b]]))
                {
                    _parents[Math.Max(Root(bucket[a]), Root(bucket[b]))] = Math.Min(Root(bucket[a]), Root(bucket[b]));
                }
            }
        }
    }

    private static bool AreAlike(in ImageTraits a, in ImageTraits b) =>
        PerceptualHash.Distance(a.Hash, b.Hash) <= MostBits
        && Math.Abs(a.Mean.R - b.Mean.R) <= MostMeanDifference
        && Math.Abs(a.Mean.G - b.Mean.G) <= MostMeanDifference
        && Math.Abs(a.Mean.B - b.Mean.B) <= MostMeanDifference;

    private int Root(int i)
    {
        while (_parents[i] != i)
        {
            _parents[i] = _parents[_parents[i]];
            i = _parents[i];
        }
        return i;
    }
}
