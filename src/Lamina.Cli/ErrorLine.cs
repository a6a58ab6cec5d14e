using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Errors as the one line that a person reads.</summary>
internal static class ErrorLine
{
    /// <summary>Set to 1, this variable adds the stack trace to an error.</summary>
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
