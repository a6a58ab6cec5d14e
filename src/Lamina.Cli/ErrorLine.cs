using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Formats exceptions as one-line messages.</summary>
internal static class ErrorLine
{
    /// <summary>The environment variable that adds stack traces to errors if it is 1.</summary>
    public const string TraceVariable = "LAMINA_TRACE";

    public static string Of(Exception error)
    {
        Exception cause = error is AggregateException { InnerExceptions: [var only] } ? only : error;
        string text = cause switch
        {
            LaminaException or IOException or UnauthorizedAccessException => cause.Message,
            OperationCanceledException => "interrupted.",
            OutOfMemoryException => "out of memory. Use a smaller --batch or --input.",
            _ => $"unexpected {cause.GetType().Name}: {cause.Message} (Set {TraceVariable}=1 to see where.)",
        };
        return OneLine.Of(text);
    }
}
