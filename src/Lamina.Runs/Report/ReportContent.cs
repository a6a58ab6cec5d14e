namespace Lamina.Runs.Report;

/// <summary>The content of a run's report. Sections of empty lists are omitted.</summary>
internal sealed record ReportContent
{
    /// <summary>The heading of the report.</summary>
    public required string Title { get; init; }

    /// <summary>The most important numbers, by name.</summary>
    public IReadOnlyList<ReportFact> Headlines { get; init; } = [];

    /// <summary>The prominent warning, for example that a model is no better than guessing; null if none.</summary>
    public string? Warning { get; init; }

    /// <summary>The facts about the run: model, recipe, data, seed, versions, command.</summary>
    public IReadOnlyList<ReportFact> Facts { get; init; } = [];

    /// <summary>The pictures, in order.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>The results of each class.</summary>
    public IReadOnlyList<ClassReport> Classes { get; init; } = [];

    /// <summary>The mistakes with the highest confidence, most confident first.</summary>
    public IReadOnlyList<ReportMistake> Mistakes { get; init; } = [];

    /// <summary>The most frequently confused pairs of classes, most frequent first.</summary>
    public IReadOnlyList<ReportPair> Pairs { get; init; } = [];

    /// <summary>The epochs.</summary>
    public IReadOnlyList<EpochLog> History { get; init; } = [];

    /// <summary>The summary of the model, as monospaced text.</summary>
    public string? Summary { get; init; }
}

/// <summary>A named fact.</summary>
internal readonly record struct ReportFact(string Name, string Value);

/// <summary>A picture with its heading and a sentence about it.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Caption">The sentence.</param>
/// <param name="Png">The bytes of a PNG file.</param>
internal sealed record ReportPicture(string Title, string Caption, ReadOnlyMemory<byte> Png);

/// <summary>A misclassified test image.</summary>
/// <param name="Png">The image as the bytes of a PNG file; empty if it cannot be read again.</param>
/// <param name="Name">The file of the image, or its position in one.</param>
/// <param name="Truth">The true class.</param>
/// <param name="Said">The predicted class.</param>
/// <param name="Probability">The probability of the predicted class, 0 to 1.</param>
internal sealed record ReportMistake(
    ReadOnlyMemory<byte> Png,
    string Name,
    string Truth,
    string Said,
    double Probability
);

/// <summary>A pair of confused classes.</summary>
/// <param name="Truth">The true class.</param>
/// <param name="Said">The predicted class.</param>
/// <param name="Count">The number of confused images.</param>
/// <param name="Share">Their fraction of the true class's images, 0 to 1.</param>
/// <param name="Examples">Some of the images.</param>
internal sealed record ReportPair(
    string Truth,
    string Said,
    long Count,
    double Share,
    IReadOnlyList<ReportThumbnail> Examples
);

/// <summary>A small image.</summary>
/// <param name="Png">The bytes of a PNG file.</param>
/// <param name="Name">The file of the image, or its position in one.</param>
internal sealed record ReportThumbnail(ReadOnlyMemory<byte> Png, string Name);
