namespace Lamina;

/// <summary>Reads weights from the file's layout into Lamina's, some rows at a time.</summary>
internal static class WeightLayouts
{
    private const int RowsAtATime = 16;

    /// <summary>
    /// Reads a matrix and transposes it: row r, column c of the file goes to row places[c], column r.
    /// </summary>
    /// <param name="tensor">The matrix, as (rows, columns), whatever its dimensions.</param>
    /// <param name="rows">The number of rows in the file.</param>
    /// <param name="places">The row in the result of each of the file's columns.</param>
    /// <param name="result">Receives the values.</param>
    public static void ReadTransposed(OnnxTensor tensor, int rows, int[] places, float[] result)
    {
        var values = new OnnxValues(tensor);
        int columns = places.Length;
        var block = new float[checked(Math.Min(RowsAtATime, rows) * columns)];
        for (int first = 0; first < rows; first += RowsAtATime)
        {
            int count = Math.Min(RowsAtATime, rows - first);
            values.Read(block.AsSpan(0, count * columns));
            for (int c = 0; c < columns; c++)
            {
                Span<float> row = result.AsSpan((places[c] * rows) + first, count);
                for (int r = 0; r < row.Length; r++)
                {
                    row[r] = block[(r * columns) + c];
                }
            }
        }
    }

    /// <summary>Reads a matrix whose row r goes to row places[r].</summary>
    public static void ReadRows(OnnxTensor tensor, int columns, int[] places, float[] result)
    {
        var values = new OnnxValues(tensor);
        foreach (int place in places)
        {
            values.Read(result.AsSpan(checked(place * columns), columns));
        }
    }

    /// <summary>Multiplies all values by a factor.</summary>
    public static void Scale(float[] values, float factor)
    {
        if (factor != 1)
        {
            foreach (ref float value in values.AsSpan())
            {
                value *= factor;
            }
        }
    }
}
