using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Lamina;

/// <summary>Parquet files as Hugging Face writes them: a group "image" of bytes and path, and "label".</summary>
internal static class ParquetFiles
{
    /// <summary>Writes images and labels.</summary>
    public static void Write(string path, (byte[]? Image, long Label)[] rows, int groupRows, string[]? names)
    {
        using GroupNode image = new(
            "image",
            Repetition.Optional,
            [
                new PrimitiveNode("bytes", Repetition.Optional, LogicalType.None(), PhysicalType.ByteArray),
                new PrimitiveNode("path", Repetition.Optional, LogicalType.String(), PhysicalType.ByteArray),
            ]
        );
        using GroupNode schema = new("schema", Repetition.Required, [image, Label()]);
        var metadata = new Dictionary<string, string>();
        if (names is not null)
        {
            string list = string.Join(',', names.Select(n => $"\"{n}\""));
            metadata["huggingface"] =
                """{"info":{"features":{"image":{"_type":"Image"},"label":{"names":["""
                + list
                + """],"_type":"ClassLabel"}}}}""";
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var properties = new WriterPropertiesBuilder()
            .Compression(Compression.Snappy)
            .EnablePageChecksum()
            .Build();
        using var file = new ParquetFileWriter(path, schema, properties, metadata);
        for (int start = 0; start < rows.Length; start += groupRows)
        {
            (byte[]? Image, long Label)[] part = rows[start..Math.Min(start + groupRows, rows.Length)];
            using RowGroupWriter group = file.AppendRowGroup();
            int first = start;
            Bytes(group, [.. part.Select(r => r.Image)]);
            Bytes(group, [.. part.Select((_, i) => System.Text.Encoding.UTF8.GetBytes($"{first + i}.png"))]);
            Labels(group, [.. part.Select(r => r.Label)]);
        }
        file.Close();
    }

    /// <summary>Writes labels without images.</summary>
    public static void WriteLabels(string path, long[] labels)
    {
        using GroupNode schema = new("schema", Repetition.Required, [Label()]);
        using var properties = new WriterPropertiesBuilder().Build();
        using var file = new ParquetFileWriter(path, schema, properties);
        using RowGroupWriter group = file.AppendRowGroup();
        Labels(group, labels);
        file.Close();
    }

    private static PrimitiveNode Label() => new("label", Repetition.Optional, LogicalType.None(), PhysicalType.Int64);

    private static void Labels(RowGroupWriter group, long[] labels)
    {
        using var column = (ColumnWriter<long>)group.NextColumn();
        column.WriteBatch(labels.Length, [.. labels.Select(_ => (short)1)], [], labels);
    }

    private static void Bytes(RowGroupWriter group, byte[]?[] values)
    {
        using var column = (ColumnWriter<ByteArray>)group.NextColumn();
        GCHandle[] handles = [.. values.OfType<byte[]>().Select(v => GCHandle.Alloc(v, GCHandleType.Pinned))];
        ByteArray[] present =
        [
            .. handles.Select(h => new ByteArray(h.AddrOfPinnedObject(), ((byte[])h.Target!).Length)),
        ];
        // A missing value is one level below the group, which is present.
        column.WriteBatch(values.Length, [.. values.Select(v => (short)(v is null ? 1 : 2))], [], present);
        Array.ForEach(handles, h => h.Free());
    }
}
