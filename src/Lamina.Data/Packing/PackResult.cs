namespace Lamina;

/// <summary>The result of <see cref="ImagePacker.Pack"/>.</summary>
public sealed record PackResult
{
    /// <summary>The folder of the shards.</summary>
    public required string Folder { get; init; }

    /// <summary>The number of packed images.</summary>
    public required int Images { get; init; }

    /// <summary>The number of shards.</summary>
    public required int Shards { get; init; }

    /// <summary>The number of shards of earlier calls, which were compared with their checksums and kept.</summary>
    public required int KeptShards { get; init; }

    /// <summary>The number of bytes of all shards.</summary>
    public required long Bytes { get; init; }

    /// <summary>The images that could not be read, also in earlier calls, in the order of the shards.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }
}
