namespace Lamina;

/// <summary>A finished shard.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Images">The number of images in it.</param>
/// <param name="Bytes">The number of bytes.</param>
/// <param name="Sha256">The SHA-256 of the file, in hexadecimal digits.</param>
/// <param name="Skipped">The images that could not be read.</param>
internal sealed record PackedShard(
    string File,
    int Images,
    long Bytes,
    string Sha256,
    IReadOnlyList<SkippedImage> Skipped
);

/// <summary>A part of the packed data.</summary>
/// <param name="Name">The name, with which the names of its shards begin.</param>
/// <param name="Images">The number of images in the source.</param>
/// <param name="Fingerprint">The quick fingerprint of the source.</param>
internal sealed record PackedPart(string Name, int Images, string Fingerprint);
