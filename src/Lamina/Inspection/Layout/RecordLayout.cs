namespace Lamina.Inspection.Layout;

/// <summary>
/// Sizes a box's fields like graphviz records: texts with a margin; remaining space is shared by the fields.
/// </summary>
internal static class RecordLayout
{
    private const double MarginX = 8;
    private const double MarginY = 4;
    private const double LineHeight = 15;
    private const double MinWidth = 54;
    private const double MinHeight = 36;

    /// <summary>Returns the size of a box.</summary>
    public static (double Width, double Height) Measure(RecordField label, bool horizontal)
    {
        (double width, double height) = SizeOf(label, !horizontal);
        return (Math.Max(width, MinWidth), Math.Max(height, MinHeight));
    }

    /// <summary>Returns the fields of a box with this rectangle.</summary>
    public static IReadOnlyList<DrawnCell> Cells(RecordField label, Box box, bool horizontal)
    {
        var cells = new List<DrawnCell>();
        Place(label, box, !horizontal, cells);
        return cells;
    }

    private static (double Width, double Height) SizeOf(RecordField field, bool sideBySide)
    {
        if (field.Text is { } text)
        {
            return (TextWidths.Of(text, GraphDrawing.FontSize) + 2 * MarginX, LineHeight + 2 * MarginY);
        }
        (double width, double height) = (0, 0);
        foreach (RecordField part in field.Parts)
        {
            (double w, double h) = SizeOf(part, !sideBySide);
            (width, height) = sideBySide ? (width + w, Math.Max(height, h)) : (Math.Max(width, w), height + h);
        }
        return (width, height);
    }

    private static void Place(RecordField field, Box box, bool sideBySide, List<DrawnCell> cells)
    {
        if (field.Text is { } text)
        {
            cells.Add(new DrawnCell(box, text));
            return;
        }
        (double width, double height) = SizeOf(field, sideBySide);
        double extra = (sideBySide ? box.Width - width : box.Height - height) / field.Parts.Count;
        double at = sideBySide ? box.X : box.Y;
        foreach (RecordField part in field.Parts)
        {
            (double w, double h) = SizeOf(part, !sideBySide);
            double length = (sideBySide ? w : h) + extra;
            Box inner = sideBySide ? new Box(at, box.Y, length, box.Height) : new Box(box.X, at, box.Width, length);
            Place(part, inner, !sideBySide, cells);
            at += length;
        }
    }
}
