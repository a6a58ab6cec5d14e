namespace Lamina.Distributed.Liveness;

/// <summary>The exit codes of ranks whose job ends early.</summary>
internal static class JobExit
{
    /// <summary>An error of a rank.</summary>
    public const int Failed = 1;

    /// <summary>The loss of a rank; EX_TEMPFAIL of sysexits.h.</summary>
    public const int Lost = 75;
}
