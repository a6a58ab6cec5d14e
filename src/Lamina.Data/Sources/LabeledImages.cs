using System.Security.Cryptography;

namespace Lamina;

/// <summary>
/// Images with labels, in a fixed order. Decoding is thread-safe if each thread uses its own buffer.
/// </summary>
public abstract class LabeledImages
{
    /// <summary>The number of images.</summary>
    public int Count => Labels.Count;

    /// <summary>The classes, in the order of the labels.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>The label of each image: an index into <see cref="ClassNames"/>.</summary>
    public abstract IReadOnlyList<int> Labels { get; }

    /// <summary>The classes without images, in the order of the labels.</summary>
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
    /// The folders of the source that were not entered, with reasons: links to folders that contain them, unreadable
    /// folders. Empty for sources that are not folders.
    /// </summary>
    public virtual IReadOnlyList<SkippedImage> SkippedFolders => [];

    /// <summary>Returns the name of an image in messages: its path, or its file and number.</summary>
    /// <param name="index">The index of the image, from 0.</param>
    public abstract string NameOf(int index);

    /// <summary>Decodes an image.</summary>
    /// <param name="index">The index of the image, from 0.</param>
    /// <param name="target">Receives the size and the pixels.</param>
    /// <param name="enough">
    /// The size down to which a source may shrink larger images while decoding. Default: (0, 0), the full size.
    /// </param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    public abstract void Decode(int index, PixelBuffer target, Size2 enough = default);

    /// <summary>
    /// Decodes at least the part of an image that a model's input needs.
    /// </summary>
    /// <param name="index">The index of the image, from 0.</param>
    /// <param name="target">Receives the size, the pixels, and their position in the whole.</param>
    /// <param name="enough">As for <see cref="Decode"/>.</param>
    /// <param name="part">Selects the part once the size is known.</param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    internal virtual void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        Decode(index, target, enough);

    /// <summary>
    /// Returns the file and the page in it that contain an image, if reading images of a page in succession is cheaper than
    /// in random order; (-1, 0) if any order is as good. Images of a file are successive.
    /// </summary>
    /// <param name="index">The index of the image, from 0.</param>
    internal virtual (int File, int Page) PlaceOf(int index) => (-1, 0);

    /// <summary>The number of pages whose images are mixed in an epoch, where <see cref="PlaceOf"/> names pages.</summary>
    // Half of the pages of a server that stay in memory: a window ends while the next begins.
    internal virtual int PagesInWindow => 16;

    /// <summary>
    /// Returns the identity of an image's content; by default, the hash of the decoded pixels. Thread-safe.
    /// </summary>
    /// <param name="index">The index of the image, from 0.</param>
    /// <param name="quick"><see langword="true"/> if name and length suffice, without reading the image.</param>
    /// <exception cref="DataException">The image cannot be read.</exception>
    protected internal virtual ImageContent ContentOf(int index, bool quick)
    {
        var pixels = new PixelBuffer();
        Decode(index, pixels);
        string name = $"{NameOf(index)} {pixels.Height}x{pixels.Width}x{pixels.Channels}";
        return new ImageContent(name, pixels.Pixels.Length, SHA256.HashData(pixels.Pixels));
    }

    /// <summary>
    /// Returns a hash of the classes and of the label, name, size and content of each image: equal hashes mean equal data.
    /// Folders may be anywhere, as paths are relative to them; IDX files may be gzipped or not.
    /// </summary>
    /// <param name="quick">
    /// <see langword="true"/> to hash names and sizes without reading files: this detects added, removed or replaced images,
    /// but not an edit that keeps a file's size. A quick fingerprint never equals a full one.
    /// </param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <returns>64 hexadecimal digits: SHA-256.</returns>
    /// <exception cref="DataException">An image cannot be read.</exception>
    public string Fingerprint(bool quick = false, CancellationToken cancellation = default) =>
        DataFingerprint.Of(this, quick, cancellation);

    /// <summary>
    /// Returns the same images, with decoded pixels kept in memory after their first use (0.56 MB for a 500×375 photo), so
    /// that later epochs only resize them. Batches do not change. Loaders that share the result share the memory.
    /// </summary>
    /// <param name="maxBytes">The most memory in bytes; other images are decoded each time. 0 keeps none.</param>
    public LabeledImages Cached(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return maxBytes == 0 || IsInMemory ? this : new CachedImages(this, maxBytes);
    }

    /// <summary>
    /// Returns all images and labels as arrays, like Keras's <c>load_data</c>. For small images of one size; a
    /// <see cref="DataLoader"/> resizes, augments, and keeps less in memory.
    /// </summary>
    /// <param name="scale">The factor of the pixels' bytes. Default: 1, for 0 to 255.</param>
    /// <returns>The images, (count, height, width, channels), and the labels, (count).</returns>
    /// <exception cref="DataException">An image cannot be read, or has another size than the first.</exception>
    public (NDArray Images, NDArray Labels) ToArrays(double scale = 1)
    {
        var buffer = new PixelBuffer();
        NDArray? images = null;
        for (int i = 0; i < Count; i++)
        {
            Decode(i, buffer);
            images ??= new NDArray([Count, buffer.Height, buffer.Width, buffer.Channels]);
            if (images.Shape.Sample != Shape.Of(buffer.Height, buffer.Width, buffer.Channels))
            {
                throw new DataException(
                    NameOf(i),
                    $"is {buffer.Height}×{buffer.Width}×{buffer.Channels}, the first image {images.Shape.Sample}. Use a DataLoader, which resizes."
                );
            }
            Span<float> target = images.Values.Slice(i * buffer.Pixels.Length, buffer.Pixels.Length);
            for (int p = 0; p < target.Length; p++)
            {
                target[p] = (float)(scale * buffer.Pixels[p]);
            }
        }
        return images is null
            ? throw new LaminaException("There are no images.")
            : (images, new NDArray([Count], Labels.Select(l => (float)l).ToArray()));
    }

    /// <summary><see langword="true"/> if decoding only copies pixels.</summary>
    private protected virtual bool IsInMemory => false;

    /// <summary>Returns some of the images, in the given order.</summary>
    /// <param name="indices">Indices of images of this source, from 0.</param>
    public LabeledImages Subset(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new ImageSubset(this, [.. indices]);
    }

    /// <summary>
    /// Splits off a fraction of every class at random, determined by the seed. A class of two or more images has at least
    /// one in each part; a single image is for training. Both parts keep the order of this source.
    /// </summary>
    /// <param name="validationShare">The fraction of each class for validation, above 0 and below 1.</param>
    /// <param name="seed">The seed of the split.</param>
    /// <returns>The training images and the validation images.</returns>
    /// <exception cref="DataException">No class has two images, which leaves none for validation.</exception>
    public (LabeledImages Train, LabeledImages Validation) Split(double validationShare, long seed)
    {
        if (!(validationShare is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(validationShare),
                $"The validation share is {validationShare}; it must be above 0 and below 1."
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
            // One random stream per class: images added to one class do not change the split of another.
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
                "no class has two images, so none can be held out for validation. Use a folder of validation images."
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

        internal override (int File, int Page) PlaceOf(int index) => source.PlaceOf(indices[index]);

        internal override int PagesInWindow => source.PagesInWindow;

        protected internal override ImageContent ContentOf(int index, bool quick) =>
            source.ContentOf(indices[index], quick);

        public override void Decode(int index, PixelBuffer target, Size2 enough) =>
            source.Decode(indices[index], target, enough);

        internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
            source.DecodePart(indices[index], target, enough, part);
    }
}
