using System.CommandLine;

namespace Lamina.Cli;

/// <summary>Extensions for options and arguments that accept one word of a fixed list.</summary>
internal static class ChoiceOption
{
    /// <summary>Restricts the option to these values, and offers them as completions.</summary>
    public static void Accept<T>(this Option<T> option, params string[] values)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            if (Refusal(result.Tokens.Select(t => t.Value), values) is { } refusal)
            {
                result.AddError($"{option.Name}: {refusal}");
            }
        });
    }

    /// <inheritdoc cref="Accept{T}(Option{T}, string[])"/>
    public static void Accept<T>(this Argument<T> argument, params string[] values)
    {
        argument.HelpName = argument.Name;
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add(values);
        argument.Validators.Add(result =>
        {
            if (Refusal(result.Tokens.Select(t => t.Value), values) is { } refusal)
            {
                result.AddError($"<{argument.Name}>: {refusal}");
            }
        });
    }

    private static string? Refusal(IEnumerable<string> given, string[] values) =>
        given.FirstOrDefault(g => !values.Contains(g)) is { } wrong
            ? $"'{wrong}' is not one of {string.Join(", ", values)}.{NearestWord.Suggestion(wrong, values)}"
            : null;
}
