namespace Lamina;

/// <summary>Gradients that were summed over all ranks by one call.</summary>
/// <param name="Weights">The names of their weights.</param>
/// <param name="Bytes">Their size as it is sent.</param>
/// <param name="Queued">
/// The timestamp (<see cref="System.Diagnostics.Stopwatch"/>) when they were final and ready to be sent.
/// </param>
/// <param name="Finished">The timestamp when the sums had arrived.</param>
public sealed record ReducedBucket(IReadOnlyList<string> Weights, long Bytes, long Queued, long Finished);
