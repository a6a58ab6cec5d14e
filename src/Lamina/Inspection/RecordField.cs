using System.Text;

namespace Lamina.Inspection;

/// <summary>
/// A field of a box, as in graphviz's record labels: a text, or fields side by side. Nested fields are stacked in the
/// other direction, so <c>{name|class}</c> in a label is a column.
/// </summary>
internal sealed class RecordField
{
    private RecordField(string? text, IReadOnlyList<RecordField> parts) => (Text, Parts) = (text, parts);

    /// <summary>The text; <see langword="null"/> for a field of fields.</summary>
    public string? Text { get; }

    /// <summary>The nested fields.</summary>
    public IReadOnlyList<RecordField> Parts { get; }

    public static implicit operator RecordField(string text) => new(text, []);

    public static RecordField Of(params RecordField[] parts) => new(null, parts);

    /// <summary>Returns the label of a graphviz record.</summary>
    public string ToLabel()
    {
        var label = new StringBuilder();
        AppendParts(label);
        return label.ToString();
    }

    private void AppendParts(StringBuilder label)
    {
        for (int i = 0; i < Parts.Count; i++)
        {
            label.Append(i > 0 ? "|" : "");
            if (Parts[i].Text is { } text)
            {
                AppendEscaped(label, text);
            }
            else
            {
                label.Append('{');
                Parts[i].AppendParts(label);
                label.Append('}');
            }
        }
    }

    /// <summary>
    /// Appends text with graphviz's special characters escaped. Keras does not escape them, and its labels would break.
    /// </summary>
    private static void AppendEscaped(StringBuilder label, string text)
    {
        foreach (char c in text)
        {
            if (c is '{' or '}' or '|' or '<' or '>' or '\\')
            {
                label.Append('\\');
            }
            label.Append(c);
        }
    }
}
