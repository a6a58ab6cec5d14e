using System.Text.RegularExpressions;

namespace Lamina.Architecture.Tests;

/// <summary>Finds methods in source text, which csharpier has formatted: a body's braces have its declaration's indentation.</summary>
internal static partial class Methods
{
    /// <summary>Returns the methods, constructors and accessors of a source file, with their lines of code.</summary>
    /// <param name="text">The file's text.</param>
    /// <returns>
    /// The name, the line of the opening brace from 1, and the lines from there to the closing brace, without empty lines and
    /// comments.
    /// </returns>
    public static IEnumerable<(string Name, int Line, int Length)> Of(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 1; i < lines.Length; i++)
        {
            if (lines[i].Trim() != "{" || IsOfType(lines, i) is not { } name)
            {
                continue;
            }
            string close = lines[i].TrimEnd().Replace('{', '}');
            int end = i + 1;
            while (end < lines.Length && !lines[end].TrimEnd('\r').StartsWith(close, StringComparison.Ordinal))
            {
                end++;
            }
            yield return (name, i + 1, 1 + lines[i..end].Count(IsCode));
        }
    }

    // The declaration is above the brace, at its indentation, with its parameters between. Statements inside of a method are
    // indented by two levels at least.
    private static string? IsOfType(string[] lines, int brace)
    {
        int indentation = lines[brace].Length - lines[brace].TrimStart().Length;
        if (indentation is not (4 or 8))
        {
            return null;
        }
        for (int i = brace - 1; i >= 0 && i >= brace - 30; i--)
        {
            string line = lines[i].TrimEnd();
            if (line.Length == 0)
            {
                return null;
            }
            if (
                line.Length - line.TrimStart().Length == indentation
                && !Types().IsMatch(line)
                && Declaration().Match(line) is { Success: true } found
            )
            {
                return found.Groups[1].Value;
            }
        }
        return null;
    }

    private static bool IsCode(string line) =>
        line.Trim() is { Length: > 0 } code && !code.StartsWith("//", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum) \w")]
    private static partial Regex Types();

    [GeneratedRegex(
        @"^\s+(?:(?:public|internal|private|protected|static|override|virtual|abstract|sealed|async|unsafe|new|readonly|partial|extern|ref)\s+)+(?!class|struct|record|interface|enum|delegate)(?:[\w<>?\[\],. ()*]+?\s)?(?:operator\s+)?([\w<>]+)\("
    )]
    private static partial Regex Declaration();
}
