namespace Lamina.Bench;

/// <summary>How everything is measured.</summary>
internal sealed record BenchSettings
{
    /// <summary>How often every contender of a workload has its turn.</summary>
    public required int Rounds { get; init; }

    /// <summary>How long a turn takes at least; it ends with the run that passes this.</summary>
    public required double Seconds { get; init; }

    /// <summary>Words of which a workload's name must contain one; all workloads if empty.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>The peers beside Lamina, by name.</summary>
    public required IReadOnlyList<string> Peers { get; init; }

    public bool Includes(string workload) =>
        Only.Count == 0 || Only.Any(o => workload.Contains(o, StringComparison.OrdinalIgnoreCase));
}
