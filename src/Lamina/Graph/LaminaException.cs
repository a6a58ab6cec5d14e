namespace Lamina;

/// <summary>
/// The base class of errors in what Lamina was given: a model, a shape, a file, an image. The message is one line that
/// says what is wrong, where, and what to do.
/// </summary>
public class LaminaException : Exception
{
    /// <summary>Creates the error with its one-line message.</summary>
    public LaminaException(string message)
        : base(MessageLine.Of(message)) { }

    /// <summary>Creates the error with its one-line message and the error that caused it.</summary>
    public LaminaException(string message, Exception innerException)
        : base(MessageLine.Of(message), innerException) { }
}

/// <summary>The error for a shape that a layer or op does not accept.</summary>
public sealed class ShapeException(string message) : LaminaException(message);

/// <summary>The error for an invalid graph: a cycle, or an output that the inputs do not reach.</summary>
public sealed class GraphException(string message) : LaminaException(message);

/// <summary>The error for a layer or model config that is malformed or names something unknown.</summary>
public sealed class ConfigException(string message) : LaminaException(message);
