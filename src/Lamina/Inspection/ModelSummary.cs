namespace Lamina;

/// <summary>
/// Writes the table that Keras prints for a model: one row per layer with its output shape and parameters.
/// </summary>
public static class ModelSummary
{
    /// <summary>Writes the summary. Lines end with a line feed on every platform.</summary>
    /// <param name="model">The model.</param>
    /// <param name="output">The writer; <see langword="null"/> for the console.</param>
    /// <param name="style">The version of Keras whose layout is used.</param>
    /// <param name="lineLength">
    /// The number of characters per line; <see langword="null"/> for Keras's own: 65 or 98 (Keras 2), or the terminal's
    /// width less 4 up to 88 or 108 (Keras 3; 76 without a terminal).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="lineLength"/> is too narrow for the columns.
    /// </exception>
    public static void Write(
        Model model,
        TextWriter? output = null,
        SummaryStyle style = SummaryStyle.Keras2,
        int? lineLength = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        bool toConsole = output is null;
        output ??= Console.Out;
        IEnumerable<string> lines =
            style == SummaryStyle.Keras3
                ? Keras3Summary.Lines(model, lineLength, toConsole)
                : Keras2Summary.Lines(model, lineLength);
        foreach (string line in lines)
        {
            output.Write(line);
            output.Write('\n');
        }
        output.Flush();
    }

    /// <summary>Returns the summary as text; each line ends with a line feed.</summary>
    /// <inheritdoc cref="Write"/>
    public static string ToText(Model model, SummaryStyle style = SummaryStyle.Keras2, int? lineLength = null)
    {
        using var text = new StringWriter();
        Write(model, text, style, lineLength);
        return text.ToString();
    }
}

/// <summary>Extension that writes a model's summary.</summary>
public static class ModelSummaryExtensions
{
    extension(Model model)
    {
        /// <inheritdoc cref="ModelSummary.Write"/>
        public void Summary(
            TextWriter? output = null,
            SummaryStyle style = SummaryStyle.Keras2,
            int? lineLength = null
        ) => ModelSummary.Write(model, output, style, lineLength);
    }
}
