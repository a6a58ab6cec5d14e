namespace Lamina.Runs.Transfer;

/// <summary>The features of some images.</summary>
/// <param name="Features">(images, …).</param>
/// <param name="Labels">(images, 1): class indices.</param>
/// <param name="Indices">The index of each image in its source; empty in files of earlier versions.</param>
internal sealed record FeatureBlock(NDArray Features, NDArray Labels, IReadOnlyList<int> Indices);
