using System.Text.RegularExpressions;

namespace Lamina.Architecture.Tests;

/// <summary>Finds text in sources that breaks the rules of plain American English.</summary>
internal static partial class Words
{
    /// <summary>Returns the faults of a source file, one line each.</summary>
    /// <param name="text">The file's text.</param>
    public static IEnumerable<string> Faults(string text)
    {
        foreach (Match summary in Summaries().Matches(text))
        {
            yield return $"line {LineOf(text, summary)}: a {summary.Groups[1].Value} begins with \"{summary.Groups[2].Value}\"";
        }
        foreach (Match word in StandardValues().Matches(text))
        {
            yield return $"line {LineOf(text, word)}: \"Standard:\" instead of \"Default:\"";
        }
        foreach (Match word in Vague().Matches(text))
        {
            yield return $"line {LineOf(text, word)}: the name \"{word.Value}\" does not say what it is";
        }
        foreach (Match word in British().Matches(text))
        {
            yield return $"line {LineOf(text, word)}: British spelling \"{word.Value}\"";
        }
    }

    private static int LineOf(string text, Match match) => text.AsSpan(0, match.Index).Count('\n') + 1;

    [GeneratedRegex(@"<(summary|param|returns)\b[^>]*>[\s/]*(What|Who|Where|How|Why|Whether|If)\b")]
    private static partial Regex Summaries();

    [GeneratedRegex(@"\b(?:\w*Ours|By[Oo]urs|Surroundings|met(?=[A-Z]\w*\b| =))\b")]
    private static partial Regex Vague();

    [GeneratedRegex(@"\bStandard: ")]
    private static partial Regex StandardValues();

    // Also within identifiers: GreyChannel, isNormalised. RemoveLabelled belongs to a library.
    [GeneratedRegex(
        @"\b(?!RemoveLabelled)\w*(?:[Nn]ormalis|[Oo]ptimis|[Ii]nitialis|[Rr]ecognis|[Ss]erialis|[Cc]olour|[Ll]abelled)\w*"
            + @"|\w*(?:[Nn]eighbour|[Bb]ehaviour)\w*"
            + @"|\bgrey(?=\b|[A-Z])|Grey(?=\b|[A-Z])|\bcentre[sd]?(?=\b|[A-Z])|Centre[sd]?(?=\b|[A-Z])"
    )]
    private static partial Regex British();
}
