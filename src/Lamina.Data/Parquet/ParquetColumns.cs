using ParquetSharp;

namespace Lamina;

/// <summary>The columns of a Parquet file that contain images and labels.</summary>
/// <param name="Image">The number of the column of encoded images.</param>
/// <param name="ImageLevel">The definition level of an image that is present.</param>
/// <param name="Label">The number of the column of labels.</param>
/// <param name="LabelLevel">The definition level of a label that is present.</param>
/// <param name="LabelName">The name of the column of labels.</param>
internal sealed record ParquetColumns(int Image, short ImageLevel, int Label, short LabelLevel, string LabelName)
{
    private const string Bytes = "bytes";
    private static readonly string[] s_labels = ["label", "labels", "fine_label", "cls", "class", "target"];
    private static readonly string[] s_images = ["image", "img", "images", "pixel_values", "jpg", "png", "webp"];

    /// <summary>Finds the columns of a file.</summary>
    /// <exception cref="DataException">There is no column of images, or none of labels.</exception>
    public static ParquetColumns Of(string path, SchemaDescriptor schema)
    {
        Column[] columns = [.. Enumerable.Range(0, schema.NumColumns).Select(i => Column.Of(i, schema.Column(i)))];
        string names = string.Join(", ", columns.Select(c => c.Names[0]).Distinct());
        Column image =
            Array.Find(columns, c => c.IsBytes && c.Names is [_, Bytes])
            ?? First(columns, s_images, c => c.IsBytes)
            ?? throw new DataException(
                path,
                $"has no column of images (a group with '{Bytes}', or bytes named {string.Join(", ", s_images)}); its columns: {names}."
            );
        Column label =
            First(columns, s_labels, c => c.IsNumber || c.IsBytes)
            ?? throw new DataException(
                path,
                $"has no column of labels (numbers or texts named {string.Join(", ", s_labels)}); its columns: {names}."
            );
        return new ParquetColumns(image.Number, image.Level, label.Number, label.Level, label.Names[0]);
    }

    private static Column? First(Column[] columns, string[] names, Predicate<Column> fits) =>
        names
            .Select(n => Array.Find(columns, c => c.Names is [var name] && name == n && fits(c)))
            .FirstOrDefault(c => c is not null);

    private sealed record Column(int Number, string[] Names, short Level, bool IsBytes, bool IsNumber)
    {
        public static Column Of(int number, ColumnDescriptor descriptor)
        {
            bool isSingle = descriptor.MaxRepetitionLevel == 0;
            using var path = descriptor.Path;
            return new Column(
                number,
                path.ToDotVector(),
                descriptor.MaxDefinitionLevel,
                isSingle && descriptor.PhysicalType == PhysicalType.ByteArray,
                isSingle && descriptor.PhysicalType is PhysicalType.Int32 or PhysicalType.Int64
            );
        }
    }
}
