using System.Security.Cryptography;

namespace Lamina;

/// <summary>
/// Images with a class each, in a fixed order. Decoding is safe on several threads at once, each with its own buffer.
/// </summary>
public abstract class LabeledImages
{
    /// <summary>The number of images.</summary>
    public int Count => Labels.Count;

    /// <summary>The classes, in the order of the labels.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>Each image's class: an index into <see cref="ClassNames"/>.</summary>
    public abstract IReadOnlyList<int> Labels { get; }

    /// <summary>The classes that no image has, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassesWithoutImages
    {
        get
        {
            var found = new bool[ClassNames.Count];
            foreach (int label in Labels)
            {
                found[label] = true;
            }
            return [.. ClassNames.Where((_, label) => !found[label])];
        }
    }

    /// <summary>
    /// Folders of the source that were not entered, and why: links to folders that contain them, folders that cannot be
    /// read. Empty for sources that are not folders.
    /// </summary>
    public virtual IReadOnlyList<SkippedImage> SkippedFolders => [];

    /// <summary>What messages call an image: its path, or its file and number.</summary>
    /// <param name="index">The image, from 0.</param>
    public abstract string NameOf(int index);

    /// <summary>Decodes an image.</summary>
    /// <param name="index">The image, from 0.</param>
    /// <param name="target">Gets the size and the pixels.</param>
    /// <param name="enough">
    /// A source may decode a larger image at a fraction of its size, as long as it stays at least this high and wide;
    /// the default (0, 0) asks for the full size.
    /// </param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    public abstract void Decode(int index, PixelBuffer target, Size2 enough = default);

    /// <summary>
    /// Decodes of an image what a model's input is made from. Sources that cannot leave out the rest decode all.
    /// </summary>
    /// <param name="index">The image, from 0.</param>
    /// <param name="target">Gets the size, the pixels, and of what they are a part.</param>
    /// <param name="enough">As for <see cref="Decode"/>.</param>
    /// <param name="part">Says which part is wanted, when the size is known.</param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    internal virtual void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        Decode(index, target, enough);

    /// <summary>
    /// What tells an image's content from any other's. Of sources that do not say, it is the hash of the decoded pixels.
    /// Safe on several threads at once.
    /// </summary>
    /// <param name="index">The image, from 0.</param>
    /// <param name="quick">Whether the image need not be read: its name and length will do.</param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    protected internal virtual ImageContent ContentOf(int index, bool quick)
    {
        var pixels = new PixelBuffer();
        Decode(index, pixels);
        string name = $"{NameOf(index)} {pixels.Height}x{pixels.Width}x{pixels.Channels}";
        return new ImageContent(name, pixels.Pixels.Length, SHA256.HashData(pixels.Pixels));
    }

    /// <summary>
    /// A hash of the classes and, image for image, of labels, names, sizes and contents: if two are equal, so is the
    /// data. Folders may lie anywhere, as paths count from the folder on; IDX files may be gzipped or not.
    /// </summary>
    /// <param name="quick">
    /// Whether names and sizes of files will do and none is read: enough to see images added, removed or exchanged for
    /// others, but not an edit that keeps a file's size. A quick fingerprint never equals a full one.
    /// </param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>64 hexadecimal digits: SHA-256.</returns>
    /// <exception cref="DataException">An image cannot be read.</exception>
    public string Fingerprint(bool quick = false, CancellationToken cancellation = default) =>
        DataFingerprint.Of(this, quick, cancellation);

    /// <summary>
    /// The same images, with decoded pixels kept in memory from their first use on (a 500×375 photo takes 0.56 MB), so that
    /// later epochs need only resize them. Batches do not depend on it. Loaders that share the result share the memory.
    /// </summary>
    /// <param name="maxBytes">The most memory, in bytes; images that find no room are decoded each time. 0 keeps none.</param>
    public LabeledImages Cached(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return maxBytes == 0 || IsInMemory ? this : new CachedImages(this, maxBytes);
    }

    /// <summary>Whether decoding only copies.</summary>
    private protected virtual bool IsInMemory => false;

    /// <summary>Some of the images, in the order given.</summary>
    /// <param name="indices">Images of this source, from 0.</param>
    public LabeledImages Subset(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new ImageSubset(this, [.. indices]);
    }

    /// <summary>
    /// Splits off a share of every class, at random but always the same for a seed. A class of two images or more has
    /// at least one in each part; a single image is for training. Both parts keep this source's order.
    /// </summary>
    /// <param name="validationShare">The share of each class for validation, above 0 and below 1.</param>
    /// <param name="seed">What the choice depends on.</param>
    /// <returns>The images to train on and those to validate on.</returns>
    /// <exception cref="DataException">No class has two images, so that nothing is left to validate on.</exception>
    public (LabeledImages Train, LabeledImages Validation) Split(double validationShare, long seed)
    {
        if (!(validationShare is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(validationShare),
                $"The share for validation is {validationShare}; it must be above 0 and below 1."
            );
        }
        var members = new List<int>[ClassNames.Count];
        for (int i = 0; i < Count; i++)
        {
            (members[Labels[i]] ??= []).Add(i);
        }
        var chosen = new bool[Count];
        int total = 0;
        for (int c = 0; c < members.Length; c++)
        {
            if (members[c] is not { Count: >= 2 } images)
            {
                continue;
            }
            // A stream a class: images added to one class do not move another's.
            new RandomStream(seed, RandomPurpose.Split, index: c).Shuffle(
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(images)
            );
            int share = Math.Clamp((int)Math.Round(images.Count * validationShare), 1, images.Count - 1);
            images.Take(share).ToList().ForEach(i => chosen[i] = true);
            total += share;
        }
        if (total == 0)
        {
            throw new DataException(
                Count == 0 ? "the images" : NameOf(0),
                "no class has two images, so none can be set apart for validation. Name a folder for validation instead."
            );
        }
        IEnumerable<int> all = Enumerable.Range(0, Count);
        return (Subset([.. all.Where(i => !chosen[i])]), Subset([.. all.Where(i => chosen[i])]));
    }

    private sealed class ImageSubset(LabeledImages source, int[] indices) : LabeledImages
    {
        public override IReadOnlyList<string> ClassNames => source.ClassNames;

        public override IReadOnlyList<int> Labels { get; } = [.. indices.Select(i => source.Labels[i])];

        public override IReadOnlyList<SkippedImage> SkippedFolders => source.SkippedFolders;

        private protected override bool IsInMemory => source.IsInMemory;

        public override string NameOf(int index) => source.NameOf(indices[index]);

        protected internal override ImageContent ContentOf(int index, bool quick) =>
            source.ContentOf(indices[index], quick);

        public override void Decode(int index, PixelBuffer target, Size2 enough) =>
            source.Decode(indices[index], target, enough);

        internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
            source.DecodePart(indices[index], target, enough, part);
    }
}
