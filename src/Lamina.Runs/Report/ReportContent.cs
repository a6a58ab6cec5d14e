namespace Lamina.Runs.Report;

/// <summary>What a run's report says. Empty lists leave their sections out.</summary>
internal sealed record ReportContent
{
    /// <summary>The report's heading.</summary>
    public required string Title { get; init; }

    /// <summary>The few numbers that matter, by name.</summary>
    public IReadOnlyList<ReportFact> Headlines { get; init; } = [];

    /// <summary>The warning that a reader must not miss, such as a model that is no better than guessing; null if none.</summary>
    public string? Warning { get; init; }

    /// <summary>What was trained, and on what: model, recipe, data, seed, versions, command.</summary>
    public IReadOnlyList<ReportFact> Facts { get; init; } = [];

    /// <summary>The pictures, in order.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>How each class fared.</summary>
    public IReadOnlyList<ClassReport> Classes { get; init; } = [];

    /// <summary>The mistakes that the model is surest of, the surest first.</summary>
    public IReadOnlyList<ReportMistake> Mistakes { get; init; } = [];

    /// <summary>The classes that were confused most often, the most frequent first.</summary>
    public IReadOnlyList<ReportPair> Pairs { get; init; } = [];

    /// <summary>The epochs.</summary>
    public IReadOnlyList<EpochLog> History { get; init; } = [];

    /// <summary>The model's summary, as text of fixed width.</summary>
    public string? Summary { get; init; }
}

/// <summary>A name and what belongs to it.</summary>
internal readonly record struct ReportFact(string Name, string Value);

/// <summary>A picture with its heading, and in a sentence what it shows.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Caption">The sentence.</param>
/// <param name="Png">A PNG file's bytes.</param>
internal sealed record ReportPicture(string Title, string Caption, ReadOnlyMemory<byte> Png);

/// <summary>A test image that was taken for another class.</summary>
/// <param name="Png">The image, a PNG file's bytes; empty if it cannot be read again.</param>
/// <param name="Name">Its file, or its place in one.</param>
/// <param name="Truth">Its class.</param>
/// <param name="Said">The class that the model thinks best.</param>
/// <param name="Probability">That class's probability, 0 to 1.</param>
internal sealed record ReportMistake(
    ReadOnlyMemory<byte> Png,
    string Name,
    string Truth,
    string Said,
    double Probability
);

/// <summary>Two classes of which the model took one for the other.</summary>
/// <param name="Truth">The true class.</param>
/// <param name="Said">The predicted class.</param>
/// <param name="Count">How many images of the one were taken for the other.</param>
/// <param name="Share">Their share of the true class's images, 0 to 1.</param>
/// <param name="Examples">Some of these images.</param>
internal sealed record ReportPair(
    string Truth,
    string Said,
    long Count,
    double Share,
    IReadOnlyList<ReportThumbnail> Examples
);

/// <summary>A small image.</summary>
/// <param name="Png">A PNG file's bytes.</param>
/// <param name="Name">The image's file, or its place in one.</param>
internal sealed record ReportThumbnail(ReadOnlyMemory<byte> Png, string Name);
