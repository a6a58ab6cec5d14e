using System.Globalization;
using ParquetSharp;

namespace Lamina;

/// <summary>A Parquet file: its row groups, its labels, and the bytes of its images.</summary>
internal sealed class ParquetImageFile
{
    private const string MetadataKey = "huggingface";
    private const long MostGroupBytes = 1L << 30;
    private const long MostRows = 100_000_000;

    // A damaged file may declare any sizes: they are refused before memory is allocated.
    private const int MostTextBytes = 16 << 20;
    private const int MostListItems = 1_000_000;

    private readonly ParquetColumns _columns;

    private ParquetImageFile(
        string path,
        ParquetColumns columns,
        int[] groupRows,
        long largestGroup,
        string[] labels,
        string[]? classNames
    )
    {
        _columns = columns;
        (Path, GroupRows, LargestGroup, Labels, ClassNames) = (path, groupRows, largestGroup, labels, classNames);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The number of rows of each row group.</summary>
    public int[] GroupRows { get; }

    /// <summary>The size of the images of the largest row group in bytes.</summary>
    public long LargestGroup { get; }

    /// <summary>The label of each row, as text.</summary>
    public string[] Labels { get; }

    /// <summary>The names of the classes in the file's metadata; <see langword="null"/> for none.</summary>
    public string[]? ClassNames { get; }

    /// <summary>Reads a file's schema and labels.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <exception cref="DataException">The file cannot be read, or has no images or labels.</exception>
    public static ParquetImageFile List(string path, CancellationToken cancellation) =>
        Run(path, reader => List(path, reader, cancellation));

    /// <summary>Reads the images of a row group, as they are encoded.</summary>
    /// <returns>The bytes of each row; <see langword="null"/> where a row has none.</returns>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public byte[]?[] ReadGroup(int group) =>
        Run(
            Path,
            reader =>
            {
                using RowGroupReader? rows =
                    reader.FileMetaData.NumRowGroups == GroupRows.Length ? reader.RowGroup(group) : null;
                if (rows?.MetaData.NumRows != GroupRows[group])
                {
                    throw new DataException(Path, "has changed while it was in use.");
                }
                var images = new byte[]?[GroupRows[group]];
                ParquetValues.Read<ByteArray>(
                    rows,
                    _columns.Image,
                    _columns.ImageLevel,
                    (row, bytes) => images[row] = ParquetValues.ToArray(bytes)
                );
                return images;
            }
        );

    private static ParquetImageFile List(string path, ParquetFileReader reader, CancellationToken cancellation)
    {
        FileMetaData file = reader.FileMetaData;
        var columns = ParquetColumns.Of(path, file.Schema);
        var groupRows = new int[file.NumRowGroups];
        var labels = new List<string>();
        long largest = 0;
        for (int i = 0; i < groupRows.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using RowGroupReader rows = reader.RowGroup(i);
            long count = rows.MetaData.NumRows;
            using ColumnChunkMetaData chunk = rows.MetaData.GetColumnChunkMetaData(columns.Image);
            long bytes = chunk.TotalUncompressedSize;
            if (count is < 0 or > MostRows || bytes is < 0 or > MostGroupBytes)
            {
                throw new DataException(
                    path,
                    $"row group {i} declares {count} rows of {bytes >> 20} MB; the limit is {MostGroupBytes >> 20} MB. Write smaller row groups."
                );
            }
            groupRows[i] = (int)count;
            largest = Math.Max(largest, bytes);
            labels.AddRange(LabelsOf(rows, columns));
        }
        string? metadata = file.KeyValueMetadata.GetValueOrDefault(MetadataKey);
        string[]? names = metadata is null ? null : DataCard.ClassesOf(metadata, columns.LabelName);
        return new ParquetImageFile(path, columns, groupRows, largest, [.. labels], names);
    }

    private static List<string> LabelsOf(RowGroupReader rows, ParquetColumns columns)
    {
        (int column, short level) = (columns.Label, columns.LabelLevel);
        // A list that grows, since a damaged file may declare any number of rows.
        var labels = new List<string>();
        using ColumnChunkMetaData chunk = rows.MetaData.GetColumnChunkMetaData(column);
        switch (chunk.Type)
        {
            case PhysicalType.Int32:
                ParquetValues.Read<int>(rows, column, level, (_, n) => labels.Add(Text(n)));
                break;
            case PhysicalType.Int64:
                ParquetValues.Read<long>(rows, column, level, (_, n) => labels.Add(Text(n)));
                break;
            default:
                ParquetValues.Read<ByteArray>(
                    rows,
                    column,
                    level,
                    (_, b) => labels.Add(System.Text.Encoding.UTF8.GetString(ParquetValues.ToArray(b)))
                );
                break;
        }
        return labels.Count == rows.MetaData.NumRows ? labels : throw new InvalidDataException("a label is missing");

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static T Run<T>(string path, Func<ParquetFileReader, T> read)
    {
        Check(path);
        try
        {
            using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();
            properties.SetThriftStringSizeLimit(MostTextBytes);
            properties.SetThriftContainerSizeLimit(MostListItems);
            properties.EnableBufferedStream();
            properties.EnablePageChecksumVerification();
            using var reader = new ParquetFileReader(path, properties);
            return read(reader);
        }
#pragma warning disable CA1031 // Damaged files end in exceptions of many types inside of the library.
        catch (Exception e) when (e is not (DataException or OperationCanceledException))
#pragma warning restore CA1031
        {
            string reason = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new DataException(path, $"cannot be read as Parquet ({reason}). Download it again.", e);
        }
    }

    // The library would wait for a writer to a pipe, and its errors do not tell a missing file from a damaged one.
    private static void Check(string path)
    {
        try
        {
            RegularFile.Open(path).Handle.Dispose();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, "no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }
}
