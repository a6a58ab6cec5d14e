using System.Text;

namespace Lamina.Bench;

/// <summary>A table of the page: a key, a line that says what it shows, columns and rows, and notes below.</summary>
internal sealed class Table(string key, string caption, params string[] columns)
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _notes = [];

    /// <summary>What its place in the page is marked with.</summary>
    public string Key => key;

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Note(string text) => _notes.Add(text);

    /// <summary>Markdown; the first column is text, the others are numbers.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(caption).Append("\n\n");
        Line(columns);
        Line([.. columns.Select((_, i) => i == 0 ? "---" : "---:")]);
        _rows.ForEach(Line);
        foreach (string note in _notes)
        {
            text.Append('\n').Append(note).Append('\n');
        }
        return text.ToString();

        void Line(string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}
