using ParquetSharp;

namespace Lamina;

/// <summary>Reads columns of Parquet files value by value.</summary>
internal static class ParquetValues
{
    private const int BatchRows = 256;

    /// <summary>Reads the values of a column in a row group.</summary>
    /// <param name="rows">The row group.</param>
    /// <param name="column">The number of the column, which has at most one value per row.</param>
    /// <param name="level">The definition level of a value that is present.</param>
    /// <param name="use">Receives the row and the value of each row that has one; bytes are valid during the call only.</param>
    /// <exception cref="InvalidDataException">The column has fewer values than the row group has rows.</exception>
    public static void Read<T>(RowGroupReader rows, int column, short level, Action<long, T> use)
        where T : unmanaged
    {
        using ColumnReader opened = rows.Column(column);
        if (opened is not ColumnReader<T> reader)
        {
            throw new InvalidDataException($"a column contains {opened.Type} instead of {typeof(T).Name}");
        }
        long count = rows.MetaData.NumRows;
        var levels = new short[BatchRows];
        var values = new T[BatchRows];
        long row = 0;
        while (row < count)
        {
            int batch = (int)Math.Min(BatchRows, count - row);
            long read = reader.ReadBatch(batch, levels.AsSpan(0, batch), [], values.AsSpan(0, batch), out long present);
            // Columns without missing values have no levels.
            read = level == 0 ? present : read;
            if (read <= 0 || read > batch)
            {
                throw new InvalidDataException($"a column ends after {row} of {count} rows");
            }
            for (int i = 0, next = 0; i < read; i++)
            {
                if ((level == 0 || levels[i] == level) && next < present)
                {
                    use(row + i, values[next++]);
                }
            }
            row += read;
        }
    }

    /// <summary>Copies the bytes of a value.</summary>
    public static unsafe byte[] ToArray(ByteArray bytes) =>
        new ReadOnlySpan<byte>((void*)bytes.Pointer, bytes.Length).ToArray();
}
