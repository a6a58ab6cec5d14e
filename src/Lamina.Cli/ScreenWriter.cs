using System.Text;

namespace Lamina.Cli;

/// <summary>
/// Writes to a screen as long as it exists: a training whose terminal was closed must still save.
/// </summary>
internal sealed class ScreenWriter(TextWriter screen) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => screen.Encoding;

    /// <inheritdoc/>
    public override IFormatProvider FormatProvider => screen.FormatProvider;

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => screen.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => screen.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => screen.Write(value));

    /// <inheritdoc/>
    public override void Flush() => Try(screen.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // The terminal is gone, so nobody reads this.
        }
    }
}
