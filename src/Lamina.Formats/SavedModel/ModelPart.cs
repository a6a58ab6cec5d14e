namespace Lamina;

/// <summary>A file of a saved model that is to be written.</summary>
/// <param name="Name">One of the names below.</param>
/// <param name="Write">Writes the content.</param>
internal sealed record ModelPart(string Name, Action<Stream> Write)
{
    /// <summary>The manifest, which is renamed last and lists the others with lengths and checksums.</summary>
    public const string Manifest = "model.json";

    /// <summary>The model's config.</summary>
    public const string Architecture = "architecture.json";

    /// <summary>The caller's metadata.</summary>
    public const string Metadata = "metadata.json";

    /// <summary>The weights, in Keras's layouts.</summary>
    public const string Weights = "weights.safetensors";

    /// <summary>The optimizer's state, if it was saved.</summary>
    public const string Optimizer = "optimizer.safetensors";

    /// <summary>The parts that every saved model has.</summary>
    public static IReadOnlyList<string> Required { get; } = [Architecture, Metadata, Weights];

    /// <summary>All parts that a saved model may have. No other name is ever used as a path.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Required, Optimizer];
}
