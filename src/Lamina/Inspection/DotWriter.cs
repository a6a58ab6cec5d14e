using System.Globalization;
using System.Text;

namespace Lamina.Inspection;

/// <summary>
/// Writes the text that Keras 2's <c>model_to_dot</c> and pydot 1.4 produce for a model. Layers are numbered from 1
/// instead of Python's object addresses.
/// </summary>
internal static class DotWriter
{
    private static readonly HashSet<string> s_keywords = ["graph", "subgraph", "digraph", "node", "edge", "strict"];

    public static string Write(ModelGraph graph, PlotOptions options)
    {
        var text = new StringBuilder("digraph G {\n");
        text.Append("concentrate=True;\n");
        text.Append(CultureInfo.InvariantCulture, $"dpi={options.Dpi};\n");
        text.Append(CultureInfo.InvariantCulture, $"rankdir={options.RankDir};\n");
        text.Append("node [shape=record];\n");
        AppendBody(text, graph);
        return text.Append("}\n").ToString();
    }

    private static void AppendBody(StringBuilder text, ModelGraph graph)
    {
        foreach (GraphItem item in graph.Items)
        {
            switch (item)
            {
                case GraphNode node:
                    text.Append(CultureInfo.InvariantCulture, $"{node.Id} [label={Quote(node.Label.ToLabel())}];\n");
                    break;
                case ModelGraph nested:
                    text.Append(CultureInfo.InvariantCulture, $"subgraph {Quote("cluster_" + nested.Name)} {{\n");
                    text.Append(CultureInfo.InvariantCulture, $"label={Quote(nested.Name)};\n");
                    text.Append("labeljust=l;\nstyle=dashed;\n");
                    AppendBody(text, nested);
                    text.Append("}\n\n");
                    break;
            }
        }
        foreach ((int from, int to) in graph.Edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"{from} -> {to};\n");
        }
    }

    private static string Quote(string text)
    {
        bool isIdentifier =
            text.Length > 0
            && !char.IsAsciiDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            && !s_keywords.Contains(text.ToLowerInvariant());
        return isIdentifier ? text : $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }
}
