namespace Lamina.Distributed.Liveness;

/// <summary>The line that names a lost rank.</summary>
internal static class LostRank
{
    /// <summary>Returns the line.</summary>
    public static string Text(RankProcess process, string what) =>
        FormattableString.Invariant(
            $"rank {process.Rank} ({process.Host}, process {process.Id}) {what}: all ranks end. Resume from the last checkpoint with --resume."
        );
}
