namespace Lamina.Torch;

/// <summary>The counts of a training.</summary>
/// <param name="Steps">The number of batches that were trained on.</param>
/// <param name="Updates">The number of updates.</param>
/// <param name="Accumulated">The number of batches since the last update.</param>
internal readonly record struct UpdateCounts(long Steps, long Updates, int Accumulated);
