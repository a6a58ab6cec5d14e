namespace Lamina.Distributed.Liveness;

/// <summary>The early end of a job.</summary>
/// <param name="Line">The line to print; <see langword="null"/> if another rank prints it.</param>
/// <param name="Code">The exit code.</param>
internal sealed record JobEnd(string? Line, int Code)
{
    /// <summary><see langword="true"/> if a rank on another machine does not respond: the launcher cannot end it.</summary>
    public bool IsUnreachable { get; init; }
}

/// <summary>The exit codes of ranks whose job ends early.</summary>
internal static class JobExit
{
    /// <summary>An error of a rank.</summary>
    public const int Failed = 1;

    /// <summary>The loss of a rank; EX_TEMPFAIL of sysexits.h.</summary>
    public const int Lost = 75;
}
