namespace Lamina.Cli;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>128 plus the number of SIGINT, as shells report it.</summary>
    public const int Interrupted = 130;
}
