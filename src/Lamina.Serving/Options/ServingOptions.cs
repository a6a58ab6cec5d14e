namespace Lamina.Serving;

/// <summary>Limits and switches of the server. The defaults are safe for a machine on its own.</summary>
public sealed class ServingOptions
{
    /// <summary>The options of batching for models without options of their own.</summary>
    public BatchingOptions Batching { get; set; } = new();

    /// <summary>
    /// The largest body of a request in bytes, also after decompression. Default: 128 MiB, which is 222 float32 images of
    /// 224×224 pixels as a binary tensor. A larger request is refused with 413 before it is read.
    /// </summary>
    public long MaxRequestBytes { get; set; } = 128L << 20;

    /// <summary>
    /// The total size of the bodies that are held in memory at a time, in bytes. Requests beyond it are refused with 503.
    /// Default: 1 GiB.
    /// </summary>
    public long MaxBufferedBytes { get; set; } = 1L << 30;

    /// <summary>
    /// The largest encoded image in pixels. An image that declares more is refused before it is decoded. Default: 50 million.
    /// </summary>
    public long MaxImagePixels { get; set; } = 50_000_000;

    /// <summary>The number of images that are decoded at the same time. Default: one per core.</summary>
    public int ImageDecoders { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// <see langword="true"/> if clients may list, load, and unload models (Triton's model repository extension). Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool AllowModelControl { get; set; }

    /// <summary>
    /// The number of versions of a model in a repository that are served: the highest ones. Default: 1.
    /// </summary>
    public int Versions { get; set; } = 1;

    /// <summary>The name that the server metadata reports.</summary>
    public string ServerName { get; set; } = "lamina";

    /// <summary><see langword="true"/> if the program that starts the server reports models that cannot be loaded, so that the log does not.</summary>
    internal bool CallerWaitsForModels { get; set; }

    internal void Validate()
    {
        Batching.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestBytes, 1, nameof(MaxRequestBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRequestBytes, Array.MaxLength, nameof(MaxRequestBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBufferedBytes, MaxRequestBytes, nameof(MaxBufferedBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxImagePixels, 1, nameof(MaxImagePixels));
        ArgumentOutOfRangeException.ThrowIfLessThan(ImageDecoders, 1, nameof(ImageDecoders));
        ArgumentOutOfRangeException.ThrowIfLessThan(Versions, 1, nameof(Versions));
    }
}
