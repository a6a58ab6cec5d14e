using System.Text;

namespace Lamina.Bench;

/// <summary>A Markdown page with places for tables: what stands between <c>&lt;!-- bench KEY --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
internal static class Page
{
    private const string End = "<!-- end -->";

    /// <summary>Puts a text in its place.</summary>
    /// <exception cref="LaminaException">The page has no such place.</exception>
    public static string Filled(string page, string key, string text)
    {
        string mark = $"<!-- bench {key} -->";
        int start = page.IndexOf(mark, StringComparison.Ordinal);
        int end = start < 0 ? -1 : page.IndexOf(End, start, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new LaminaException($"The page has no place for '{key}': {mark} and, below it, {End}.");
        }
        return new StringBuilder(page, 0, start + mark.Length, page.Length + text.Length)
            .Append("\n\n")
            .Append(text.TrimEnd())
            .Append("\n\n")
            .Append(page, end, page.Length - end)
            .ToString();
    }
}
