namespace Lamina;

/// <summary>A batch in progress: rows of pixels, and the error of each row that failed.</summary>
/// <param name="pixels">At least as many values as the rows need.</param>
/// <param name="images">The image of each row, as an index into the source.</param>
internal sealed class BatchSlot(float[] pixels, ReadOnlyMemory<int> images)
{
    /// <summary>The values of the rows.</summary>
    public float[] Pixels => pixels;

    /// <summary>The image of each row, as an index into the source.</summary>
    public ReadOnlySpan<int> Images => images.Span;

    /// <summary>The error of each row; null for rows without one.</summary>
    public DataException?[] Failures { get; } = new DataException?[images.Length];

    /// <summary>The index of the first row in the whole batch, if other ranks have the rows before.</summary>
    public int First { get; init; }

    /// <summary>The first row that no worker has claimed.</summary>
    public int Next { get; set; }

    /// <summary>The number of unfinished rows.</summary>
    public int Remaining { get; set; } = images.Length;
}
