namespace Lamina;

/// <summary>The options of <see cref="ImagePacker"/>.</summary>
public sealed record PackOptions
{
    /// <summary>
    /// The short side of packed images in pixels, 1 to 4096; both sides for <see cref="Raw"/>. Smaller images keep their
    /// size unless they are packed raw. Default: 256.
    /// </summary>
    public int Side { get; init; } = 256;

    /// <summary>The quality of JPEG, 1 to 100. Default: 90.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>
    /// <see langword="true"/> to store the pixels of the central square as NumPy arrays (.npy), which need no decoding.
    /// Default: <see langword="false"/>, JPEG.
    /// </summary>
    public bool Raw { get; init; }

    /// <summary>The seed of the order. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>The number of images in a shard, 1 to 1,000,000. Default: 5000.</summary>
    public int ImagesPerShard { get; init; } = 5000;

    /// <summary>The number of threads, 1 to 1024. The shards do not depend on it. Default: one per core.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    internal void Validate()
    {
        Check(Side is >= 1 and <= 4096, $"Side is {Side}; it must be from 1 to 4096.");
        Check(Quality is >= 1 and <= 100, $"Quality is {Quality}; it must be from 1 to 100.");
        Check(
            ImagesPerShard is >= 1 and <= 1_000_000,
            $"ImagesPerShard is {ImagesPerShard}; it must be from 1 to 1000000."
        );
        Check(Workers is >= 1 and <= 1024, $"Workers is {Workers}; it must be from 1 to 1024.");

        static void Check(bool holds, string message)
        {
            if (!holds)
            {
                throw new ConfigException($"PackOptions: {message}");
            }
        }
    }
}
