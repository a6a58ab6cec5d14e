namespace Lamina.Tests;

/// <summary>Tests that count names or set the seed of the process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedSession
{
    public const string Name = "Session";
}
