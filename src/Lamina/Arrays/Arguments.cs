using System.Runtime.CompilerServices;

namespace Lamina;

/// <summary>Checks arguments; unlike those of .NET, the messages have one line.</summary>
internal static class Arguments
{
    /// <summary>Throws unless a number is large enough.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void RequireAtLeast(
        int least,
        int value,
        [CallerArgumentExpression(nameof(value))] string? name = null
    )
    {
        if (value < least)
        {
            throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be at least {least}.");
        }
    }
}
