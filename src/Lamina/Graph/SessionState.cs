using System.Collections.Immutable;

namespace Lamina;

/// <summary>A session at one moment. It is immutable, so that flows of control can share it.</summary>
/// <param name="Names">The number of uses of each prefix.</param>
/// <param name="Seed">The seed of initial weights.</param>
/// <param name="Weights">The number of weights created since the seed was set.</param>
internal sealed record SessionState(ImmutableDictionary<string, int> Names, long Seed, long Weights)
{
    /// <summary>The session that a program starts with.</summary>
    public static SessionState Initial { get; } =
        new(ImmutableDictionary.Create<string, int>(StringComparer.Ordinal), Seed: 0, Weights: 0);

    public SessionState WithoutNames() => this with { Names = Initial.Names };

    public SessionState WithSeed(long seed) => this with { Seed = seed, Weights = 0 };

    public SessionState WithWeight() => this with { Weights = Weights + 1 };

    public SessionState WithName(string prefix, int count) => this with { Names = Names.SetItem(prefix, count) };
}
