using Spectre.Console.Rendering;

namespace Lamina.Cli;

/// <summary>
/// The last line of a screen, redrawn in place with ECMA-48 codes: carriage return, and EL, which erases the rest of a
/// longer text. Lines written above push it down.
/// </summary>
/// <param name="output">The screen.</param>
/// <param name="columns">Returns the current number of columns, which changes with the window.</param>
internal sealed class LiveLine(TextWriter output, Func<int> columns)
{
    public const int UsualWidth = 80;
    private const string EraseToEnd = "\e[K";
    private string _text = "";

    /// <summary>The columns that a line may fill: one less than the screen has, as some terminals wrap at the last.</summary>
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
                // The screen is gone, or reports no size.
                return UsualWidth - 1;
            }
        }
    }

    /// <summary>Replaces the live line; an empty text removes it.</summary>
    public void Show(string text)
    {
        if (text.Length > 0 || _text.Length > 0)
        {
            _text = text;
            Draw();
        }
    }

    /// <summary>Writes a line to the screen, or another writer that may share it, and redraws the live line below.</summary>
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

    // In its own method, so that commands without a live line do not load Spectre, which knows double-width characters.
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
