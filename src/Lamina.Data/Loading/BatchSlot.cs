namespace Lamina;

/// <summary>A batch in the making: rows of pixels, and for each row the error that kept it from being made.</summary>
/// <param name="pixels">At least as many values as the rows need.</param>
/// <param name="images">The images of the rows, as indices into the source.</param>
internal sealed class BatchSlot(float[] pixels, ReadOnlyMemory<int> images)
{
    /// <summary>The rows' values.</summary>
    public float[] Pixels => pixels;

    /// <summary>The images of the rows, as indices into the source.</summary>
    public ReadOnlySpan<int> Images => images.Span;

    /// <summary>For each row, what is wrong with its image, or null.</summary>
    public DataException?[] Failures { get; } = new DataException?[images.Length];

    /// <summary>The first row that no worker has taken.</summary>
    public int Next { get; set; }

    /// <summary>Rows that are not done.</summary>
    public int Remaining { get; set; } = images.Length;
}
