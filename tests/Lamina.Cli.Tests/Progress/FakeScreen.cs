using System.Text;

namespace Lamina.Cli.Tests.Progress;

/// <summary>A terminal as xterm is one: it interprets control codes, wraps at its last column, and shows what a person sees.</summary>
internal sealed class FakeScreen(int width) : TextWriter
{
    private readonly List<List<string>> _rows =
    [
        [],
    ];
    private string _escape = "";
    private int _column;

    /// <summary>The columns; a window may be resized.</summary>
    public int Width { get; set; } = width;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The rows, without trailing blanks.</summary>
    public IReadOnlyList<string> Rows => [.. _rows.Select(r => string.Concat(r).TrimEnd())];

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        foreach (Rune rune in (value ?? "").EnumerateRunes())
        {
            if (_escape.Length > 0 || rune.Value == '\e')
            {
                Escape(rune);
            }
            else
            {
                Put(rune);
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    private void Put(Rune rune)
    {
        switch (rune.Value)
        {
            case '\r':
                _column = 0;
                return;
            case '\n':
                // As the line discipline has it: with a carriage return.
                _column = 0;
                _rows.Add([]);
                return;
        }
        int cells = rune.Value is (>= 0x2E80 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7A3) or >= 0x1F300 ? 2 : 1;
        if (_column + cells > Width)
        {
            _rows.Add([]);
            _column = 0;
        }
        List<string> row = _rows[^1];
        while (row.Count < _column + cells)
        {
            row.Add(" ");
        }
        row[_column] = rune.ToString();
        if (cells == 2)
        {
            row[_column + 1] = "";
        }
        _column += cells;
    }

    private void Escape(Rune rune)
    {
        _escape += rune;
        switch (_escape)
        {
            case "\e" or "\e[":
                return;
            case "\e[K":
                List<string> row = _rows[^1];
                if (_column < row.Count)
                {
                    row.RemoveRange(_column, row.Count - _column);
                }
                _escape = "";
                return;
            default:
                throw new NotSupportedException($"The code {_escape[1..]} is not one that a live line needs.");
        }
    }
}
