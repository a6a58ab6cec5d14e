using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Lays out and draws a sheet, in points.</summary>
internal sealed class SheetDrawing
{
    private const float Margin = 20;
    private const float Gap = 12;
    private const float TitleSize = 16;
    private const float NoteSize = 12;
    private const float RowTitleSize = 13;
    private const float RowHead = 26;
    private const float LabelSize = 11.5f;
    private const float CaptionSize = 10.5f;
    private const float LabelLine = 17;
    private const float CaptionLine = 14.5f;
    private const float ScaleWidth = 150;
    private const float NarrowestSheet = 420;
    private const float SubtitleLine = 17;
    private const int MostSubtitleLines = 2;

    private readonly PictureSheet _sheet;
    private readonly PictureTheme _theme;
    private readonly bool _hasTitles;
    private readonly int _captionLines;
    private readonly int _columns;
    private readonly IReadOnlyList<string> _subtitle;

    public SheetDrawing(PictureSheet sheet)
    {
        if (sheet.Rows.Count == 0 || sheet.Rows.Any(r => r.Tiles.Count == 0))
        {
            throw new ArgumentException("There are no images to draw.", nameof(sheet));
        }
        (_sheet, _theme) = (sheet, PictureTheme.Of(sheet.IsDark));
        SheetTile[] tiles = [.. sheet.Rows.SelectMany(r => r.Tiles)];
        _hasTitles = tiles.Any(t => t.Title.Length > 0);
        _captionLines = tiles.Max(t => t.Caption.Length == 0 ? 0 : t.Caption.Split('\n').Length);
        _columns = Math.Min(sheet.Columns, sheet.Rows.Max(r => r.Tiles.Count));
        _subtitle = Sketch.Wrap(sheet.Subtitle, NoteSize, Room, MostSubtitleLines);
    }

    private float TileHeight => _sheet.TileSize + (_hasTitles ? LabelLine : 0) + (_captionLines * CaptionLine) + Gap;

    private float Head => 44 + (_subtitle.Count > 0 ? 3 + (_subtitle.Count * SubtitleLine) : 0);

    // A long subtitle continues on a second line rather than widen the sheet beyond its images.
    private float Room
    {
        get
        {
            float tiles = (_columns * (_sheet.TileSize + Gap)) - Gap;
            float title = Math.Min(Sketch.Measure(_sheet.Title, TitleSize, bold: true), 900);
            return Math.Max(Math.Max(tiles, title), NarrowestSheet);
        }
    }

    private float Width => Room + (2 * Margin);

    public void Save(string path)
    {
        float height =
            Head
            + _sheet.Rows.Sum(r => RowHeadOf(r) + (LinesOf(r) * TileHeight))
            + (_sheet.Scale is null ? 0 : 28)
            + (Margin / 2);
        using var sketch = new Sketch(Width, height, background: _theme.Paper);
        float room = Room;
        sketch.Text(
            Sketch.Fit(_sheet.Title, TitleSize, room, bold: true),
            Margin,
            24,
            TitleSize,
            _theme.Ink,
            bold: true
        );
        for (int i = 0; i < _subtitle.Count; i++)
        {
            sketch.Text(_subtitle[i], Margin, 48 + (i * SubtitleLine), NoteSize, _theme.Muted);
        }
        float y = Head;
        foreach (SheetRow row in _sheet.Rows)
        {
            DrawRowHead(sketch, row, y, room);
            y += RowHeadOf(row);
            for (int i = 0; i < row.Tiles.Count; i++)
            {
                DrawTile(sketch, row.Tiles[i], Margin + (i % _columns * (_sheet.TileSize + Gap)), y);
                y += i % _columns == _columns - 1 || i == row.Tiles.Count - 1 ? TileHeight : 0;
            }
        }
        DrawScale(sketch, y + 8);
        sketch.Save(path);
    }

    private static float RowHeadOf(SheetRow row) => row.Title.Length + row.Note.Length > 0 ? RowHead : 0;

    private int LinesOf(SheetRow row) => (row.Tiles.Count + _columns - 1) / _columns;

    private void DrawRowHead(Sketch sketch, SheetRow row, float y, float room)
    {
        string title = Sketch.Fit(row.Title, RowTitleSize, room, bold: true);
        sketch.Text(title, Margin, y + 10, RowTitleSize, _theme.Ink, bold: true);
        float used = title.Length > 0 ? Sketch.Measure(title, RowTitleSize, bold: true) + 10 : 0;
        if (room - used > 40)
        {
            sketch.Text(Sketch.Fit(row.Note, NoteSize, room - used), Margin + used, y + 10, NoteSize, _theme.Muted);
        }
    }

    private void DrawTile(Sketch sketch, SheetTile tile, float x, float y)
    {
        byte[]? blended = tile.Heat is null ? null : HeatColors.Blend(tile);
        var image = new PredictionTile(
            blended ?? tile.Pixels,
            tile.Height,
            tile.Width,
            blended is null ? tile.Channels : 3,
            null,
            []
        );
        var box = SKRect.Create(x, y, _sheet.TileSize, _sheet.TileSize);
        SKRect drawn = TileGrid.DrawImage(sketch, image, box, _theme.Rule);
        if (tile.IsRight is { } isRight)
        {
            sketch.Outline(drawn, isRight ? _theme.Blue : _theme.Orange, 2.5f);
        }
        float line = y + _sheet.TileSize + 11;
        if (_hasTitles)
        {
            sketch.Text(
                Sketch.Fit(tile.Title, LabelSize, _sheet.TileSize, bold: true),
                x,
                line,
                LabelSize,
                _theme.Ink,
                bold: true
            );
            line += LabelLine - 1;
        }
        foreach (string caption in tile.Caption.Length == 0 ? [] : tile.Caption.Split('\n'))
        {
            sketch.Text(Sketch.Fit(caption, CaptionSize, _sheet.TileSize), x, line, CaptionSize, _theme.Muted);
            line += CaptionLine;
        }
    }

    private void DrawScale(Sketch sketch, float y)
    {
        if (_sheet.Scale is not { } scale)
        {
            return;
        }
        sketch.Text(scale.Low, Margin, y, CaptionSize, _theme.Muted);
        float x = Margin + Sketch.Measure(scale.Low, CaptionSize) + 8;
        const int Steps = 75;
        for (int i = 0; i < Steps; i++)
        {
            var step = SKRect.Create(x + (i * ScaleWidth / Steps), y - 5, (ScaleWidth / Steps) + 0.5f, 10);
            sketch.Fill(step, HeatColors.Of((i + 0.5) / Steps));
        }
        sketch.Text(scale.High, x + ScaleWidth + 8, y, CaptionSize, _theme.Muted);
    }
}
