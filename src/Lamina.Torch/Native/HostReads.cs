namespace Lamina.Torch;

/// <summary>
/// Counts how often a thread copies values of tensors to the host. On a GPU each of these waits for everything that was
/// started before it.
/// </summary>
internal static class HostReads
{
    [ThreadStatic]
    private static long s_count;

    /// <summary>The number of copies of this thread.</summary>
    public static long OfThisThread => s_count;

    /// <summary>Counts one copy.</summary>
    public static void Add() => s_count++;
}
