namespace Lamina;

/// <summary>
/// The base of every error that Lamina raises about its input: a model, a shape, a file, an image. Its message is one
/// line that says what is wrong, where, and what to do.
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

/// <summary>A layer or op was given a shape that it cannot take.</summary>
public sealed class ShapeException(string message) : LaminaException(message);

/// <summary>A model's graph is not whole: it has a cycle, or an output that its inputs do not reach.</summary>
public sealed class GraphException(string message) : LaminaException(message);

/// <summary>A layer's or model's config (architecture) is malformed or names something unknown.</summary>
public sealed class ConfigException(string message) : LaminaException(message);
