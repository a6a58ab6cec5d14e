using System.Globalization;
using System.Security;
using System.Text;
using Lamina.Inspection.Layout;

namespace Lamina.Inspection;

/// <summary>Writes a drawing as SVG: one group per layer, with its box, its fields' lines and its texts.</summary>
internal static class SvgWriter
{
    public static string Write(ModelGraph graph, GraphDrawing drawing)
    {
        var svg = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        string size = $"width=\"{N(drawing.Width)}pt\" height=\"{N(drawing.Height)}pt\"";
        string view = $"viewBox=\"0 0 {N(drawing.Width)} {N(drawing.Height)}\"";
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" {size} {view}>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(graph.Name)}</title>\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Append("<g fill=\"none\" stroke=\"black\" stroke-width=\"1\">\n");
        foreach (DrawnFrame frame in drawing.Frames)
        {
            AppendFrame(svg, frame);
        }
        foreach (DrawnEdge edge in drawing.Edges)
        {
            AppendEdge(svg, edge);
        }
        foreach (DrawnNode node in drawing.Nodes)
        {
            AppendNode(svg, node);
        }
        return svg.Append("</g>\n</svg>\n").ToString();
    }

    private static void AppendFrame(StringBuilder svg, DrawnFrame frame)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"cluster\">{Rect(frame.Box, "stroke-dasharray=\"5 3\"")}");
        svg.Append(Text(frame.Label, frame.Box.X + 10, frame.Box.Y + 16, "start")).Append("</g>\n");
    }

    private static void AppendEdge(StringBuilder svg, DrawnEdge edge)
    {
        var path = new StringBuilder();
        path.Append(CultureInfo.InvariantCulture, $"M{P(edge.Start)}");
        foreach (Curve curve in edge.Curves)
        {
            bool isLine = curve.Control2 == curve.End;
            path.Append(isLine ? $"L{P(curve.End)}" : $"C{P(curve.Control1)} {P(curve.Control2)} {P(curve.End)}");
        }
        (Point tip, Point left, Point right) = edge.Head();
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"edge\"><path d=\"{path}\"/>");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<polygon fill=\"black\" points=\"{P(tip)} {P(left)} {P(right)}\"/></g>\n"
        );
    }

    private static void AppendNode(StringBuilder svg, DrawnNode node)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"node\" id=\"node{node.Id}\">{Rect(node.Box, "")}");
        foreach (DrawnCell cell in node.Cells)
        {
            if (cell.Box.X > node.Box.X + 0.01)
            {
                svg.Append(Line(cell.Box.X, cell.Box.Y, cell.Box.X, cell.Box.Bottom));
            }
            if (cell.Box.Y > node.Box.Y + 0.01)
            {
                svg.Append(Line(cell.Box.X, cell.Box.Y, cell.Box.Right, cell.Box.Y));
            }
        }
        foreach (DrawnCell cell in node.Cells)
        {
            // The baseline is a third of the font size below the middle.
            double baseline = cell.Box.Y + cell.Box.Height / 2 + GraphDrawing.FontSize * 0.36;
            svg.Append(Text(cell.Text, cell.Box.X + cell.Box.Width / 2, baseline, "middle"));
        }
        svg.Append("</g>\n");
    }

    private static string Rect(Box box, string more) =>
        $"<rect x=\"{N(box.X)}\" y=\"{N(box.Y)}\" width=\"{N(box.Width)}\" height=\"{N(box.Height)}\" {more}/>";

    private static string Line(double x1, double y1, double x2, double y2) =>
        $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>";

    /// <summary>
    /// Returns a text element of a known length: other fonts are squeezed or stretched to it, so that the text fits its
    /// box.
    /// </summary>
    private static string Text(string text, double x, double y, string anchor)
    {
        string font = $"font-family=\"DejaVu Sans,Verdana,sans-serif\" font-size=\"{N(GraphDrawing.FontSize)}\"";
        string length = N(TextWidths.Of(text, GraphDrawing.FontSize));
        string fit = text.Length > 1 ? $" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\"" : "";
        return $"<text x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\" fill=\"black\" stroke=\"none\" {font}{fit}>{Escape(text)}</text>";
    }

    private static string P(Point point) => $"{N(point.X)},{N(point.Y)}";

    private static string N(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
