using Spectre.Console.Rendering;

namespace Lamina.Cli;

/// <summary>
/// The last line of a screen, redrawn in place by ECMA-48's codes: carriage return, and EL, which erases what an earlier,
/// longer text left. Lines written above it push it down.
/// </summary>
/// <param name="output">The screen.</param>
/// <param name="columns">Returns the screen's columns at the moment: they change when a window does.</param>
internal sealed class LiveLine(TextWriter output, Func<int> columns)
{
    public const int UsualWidth = 80;
    private const string EraseToEnd = "\e[K";
    private string _text = "";

    /// <summary>The columns that a line may fill: one less than there are, as some terminals wrap at the last.</summary>
    public int Width
    {
        get
        {
            try
            {
                return columns() is > 1 and var width ? width - 1 : UsualWidth - 1;
            }
            catch (IOException)
            {
                // The screen is gone, or says no size.
                return UsualWidth - 1;
            }
        }
    }

    /// <summary>Replaces the line; an empty text removes it.</summary>
    public void Show(string text)
    {
        if (text.Length > 0 || _text.Length > 0)
        {
            _text = text;
            Draw();
        }
    }

    /// <summary>Writes a line, to the screen or to another writer that may end on it, and the live one below it again.</summary>
    public void WriteAbove(TextWriter writer, string line)
    {
        if (_text.Length == 0)
        {
            writer.WriteLine(line);
            writer.Flush();
            return;
        }
        output.Write('\r' + EraseToEnd);
        output.Flush();
        writer.WriteLine(line);
        writer.Flush();
        Draw();
    }

    private void Draw()
    {
        output.Write('\r' + Cut(_text, Width) + EraseToEnd);
        output.Flush();
    }

    // Apart, so that commands without a live line do not load Spectre. It knows which characters are two columns wide.
    private static string Cut(string text, int width)
    {
        if (text.Length == 0)
        {
            return text;
        }
        var segment = new Segment(text);
        return segment.CellCount() <= width ? text : Segment.Truncate(segment, width)?.Text ?? "";
    }
}
