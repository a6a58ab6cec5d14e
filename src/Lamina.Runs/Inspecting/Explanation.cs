using Lamina.Inspect;

namespace Lamina.Runs;

/// <summary>The explanation of one image's prediction.</summary>
/// <param name="Image">The name of the image.</param>
/// <param name="Predictions">The most probable classes, the most probable first.</param>
/// <param name="Explained">The class that the maps explain.</param>
/// <param name="Maps">The maps, in the order of the methods.</param>
public sealed record Explanation(
    string Image,
    IReadOnlyList<ClassScore> Predictions,
    ClassScore Explained,
    IReadOnlyList<ExplanationMap> Maps
)
{
    internal NDArray Prepared { get; init; } = null!;
}

/// <summary>The map of one method.</summary>
/// <param name="Method">The method.</param>
/// <param name="Map">The map.</param>
/// <param name="Deletion">
/// The probability while the most important pixels are deleted first; <see langword="null"/> if not measured.
/// </param>
/// <param name="Insertion">
/// The probability while the most important pixels are inserted first; <see langword="null"/> if not measured.
/// </param>
public sealed record ExplanationMap(
    ExplainMethod Method,
    AttributionMap Map,
    PixelCurve? Deletion,
    PixelCurve? Insertion
);
