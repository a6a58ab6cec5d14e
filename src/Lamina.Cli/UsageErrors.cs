using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Lamina.Cli;

/// <summary>Describes usage errors in one line.</summary>
internal static class UsageErrors
{
    /// <summary>
    /// Finds an unknown option, or an invalid value of a flag. The library would treat it as a file or a value, and the
    /// command would run. Arguments after <c>--</c> are never options.
    /// </summary>
    /// <param name="arguments">The arguments after the command.</param>
    /// <param name="options">The options that the command accepts.</param>
    /// <param name="command">The name of the command, for the message.</param>
    public static string? UnknownOption(IEnumerable<string> arguments, IEnumerable<Option> options, string command)
    {
        Option[] known = [.. options];
        foreach (string argument in arguments.TakeWhile(a => a != "--").Where(LooksLikeOption))
        {
            string name = argument.Split('=', ':')[0];
            Option? option = known.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));
            if (option is null)
            {
                return $"'{name}' is not an option of '{command}'."
                    + NearestWord.Suggestion(name, known.Where(o => !o.Hidden).Select(o => o.Name));
            }
            // The library would treat such a value as a separate argument.
            if (argument.Length > name.Length && IsFlag(option) && !bool.TryParse(argument[(name.Length + 1)..], out _))
            {
                return $"{name}: '{argument[(name.Length + 1)..]}' is neither true nor false.";
            }
        }
        return null;
    }

    /// <summary>Returns <see langword="true"/> if a flag is set; also works for malformed values.</summary>
    public static bool IsOn(this CommandResult command, Option<bool> flag) =>
        command.GetResult(flag) is { Implicit: false } result
        && result.Tokens.All(t => !t.Value.Equals("false", StringComparison.OrdinalIgnoreCase));

    /// <summary>Finds an empty argument or value, which no option or argument accepts.</summary>
    public static string? EmptyValue(CommandResult command)
    {
        foreach (SymbolResult child in command.Children)
        {
            if (child.Tokens.Any(t => t.Value.Length == 0))
            {
                return child switch
                {
                    OptionResult option => $"{option.Option.Name}: the value is empty.",
                    ArgumentResult argument => $"<{argument.Argument.Name}>: is empty.",
                    _ => null,
                };
            }
        }
        return null;
    }

    /// <summary>Returns the text of a parser error; messages of the library are reworded.</summary>
    public static string Text(ParseError error)
    {
        string message = error.Message;
        OptionResult? option = OptionOf(error.SymbolResult);
        if (option is not null)
        {
            string name = option.Option.Name;
            return !IsLibrarys(message) ? message
                : option.Tokens.Count == 0 ? $"{name}: a value is missing{Hint(option.Option)}."
                : option.IdentifierTokenCount > 1 ? $"{name}: is specified more than once."
                : IsFlag(option.Option) ? $"{name}: '{option.Tokens[^1].Value}' is neither true nor false."
                : $"{name}: '{option.Tokens[^1].Value}' is not a valid value.";
        }
        if (message.StartsWith("Required command", StringComparison.Ordinal))
        {
            return "a command is missing.";
        }
        if (
            message.StartsWith("Required argument", StringComparison.Ordinal) && CommandOf(error.SymbolResult) is { } at
        )
        {
            Argument? missing = at.Command.Arguments.FirstOrDefault(a =>
                (at.GetResult(a)?.Tokens.Count ?? 0) < a.Arity.MinimumNumberOfValues
            );
            return missing is null ? message : $"<{missing.Name}> is missing.";
        }
        return message.StartsWith("Unrecognized command or argument", StringComparison.Ordinal)
            ? message.Replace("Unrecognized command or argument", "extra argument:", StringComparison.Ordinal)
            : message;
    }

    private static bool IsLibrarys(string message) =>
        message.StartsWith("Required argument", StringComparison.Ordinal)
        || message.StartsWith("Cannot parse argument", StringComparison.Ordinal)
        || message.StartsWith("Option '", StringComparison.Ordinal);

    private static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.ValueType == typeof(bool?);

    private static string Hint(Option option) => option.HelpName is { } name ? $" ({name})" : "";

    private static OptionResult? OptionOf(SymbolResult? result) =>
        result as OptionResult ?? (result as ArgumentResult)?.Parent as OptionResult;

    private static CommandResult? CommandOf(SymbolResult? result) =>
        result as CommandResult ?? (result as ArgumentResult)?.Parent as CommandResult;

    // A negative number is a value. Typesetting turns two hyphens into a dash, and no file name begins with one.
    private static bool LooksLikeOption(string argument) =>
        argument.Length > 1
        && argument[0] is '-' or '–' or '—' or '−'
        && !double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        && (argument[0] == '-' || !Path.Exists(argument));
}
