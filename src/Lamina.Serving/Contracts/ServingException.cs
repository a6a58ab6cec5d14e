namespace Lamina.Serving;

/// <summary>The kinds of errors that the protocol distinguishes.</summary>
internal enum ServingError
{
    /// <summary>The request is malformed or does not fit the model: 400, INVALID_ARGUMENT.</summary>
    InvalidArgument,

    /// <summary>There is no such model or version: 404, NOT_FOUND.</summary>
    NotFound,

    /// <summary>The body or message is too large: 413, RESOURCE_EXHAUSTED.</summary>
    TooLarge,

    /// <summary>The server is overloaded or not ready, or the request's time is over: 503, UNAVAILABLE.</summary>
    Unavailable,

    /// <summary>The server does not offer this, or it is turned off: 501, UNIMPLEMENTED.</summary>
    Unimplemented,

    /// <summary>The model failed: 500, INTERNAL.</summary>
    Internal,
}

/// <summary>An error that a client is told, with one line that says what is wrong.</summary>
internal sealed class ServingException(ServingError error, string message, Exception? inner = null)
    : LaminaException(message, inner!)
{
    /// <summary>The kind.</summary>
    public ServingError Error { get; } = error;

    /// <summary>The HTTP status code.</summary>
    public int StatusCode =>
        Error switch
        {
            ServingError.NotFound => 404,
            ServingError.TooLarge => 413,
            ServingError.Unavailable => 503,
            ServingError.Unimplemented => 501,
            ServingError.Internal => 500,
            _ => 400,
        };

    /// <summary>Creates an error about a malformed or unfitting request.</summary>
    public static ServingException Invalid(string message, Exception? inner = null) =>
        new(ServingError.InvalidArgument, message, inner);

    /// <summary>Returns the error of a request whose time is over.</summary>
    public static ServingException TimedOut() =>
        new(ServingError.Unavailable, "the request's timeout expired before its result was computed.");
}
