namespace Lamina.Inspect;

/// <summary>Groups of vectors.</summary>
/// <param name="Labels">The group of each vector, from 0.</param>
/// <param name="Margins">
/// The certainty of each vector's group, 0 to 1: one less the distance to its center as a share of that to the next center.
/// </param>
/// <param name="Inertia">The sum of squared distances to the centers.</param>
public sealed record Clusters(IReadOnlyList<int> Labels, IReadOnlyList<double> Margins, double Inertia);
