// Writes images and labels with another implementation of Parquet than the one that Lamina reads with:
//     dotnet run make_parquet.cs
#:package Parquet.Net@6.1.0
#:property PublishAot=false
using Parquet;
using Parquet.Schema;

var bytes = new DataField("bytes", typeof(byte[]), isNullable: true);
var path = new DataField("path", typeof(string), isNullable: true);
var label = new DataField<long>("label");
var schema = new ParquetSchema(new StructField("image", bytes, path), label);
await Write("train-00000-of-00001.parquet", 0, 5, CompressionMethod.Gzip);
await Write("test-00000-of-00001.parquet", 5, 2, CompressionMethod.Zstd);

async Task Write(string file, int first, int count, CompressionMethod compression)
{
    await using FileStream stream = File.Create(file);
    await using ParquetWriter writer = await ParquetWriter.CreateAsync(
        schema,
        stream,
        new ParquetOptions { CompressionMethod = compression }
    );
    writer.CustomMetadata = new Dictionary<string, string>
    {
        ["huggingface"] =
            """{"info":{"features":{"image":{"_type":"Image"},"label":{"names":["cat","dog"],"_type":"ClassLabel"}}}}""",
    };
    foreach (int[] rows in Enumerable.Range(first, count).Chunk(3))
    {
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(bytes, rows.Select(Bitmap).ToArray());
        await group.WriteAsync(path, rows.Select(r => $"{r}.bmp").ToArray());
        await group.WriteAsync<long>(label, rows.Select(r => (long)(r % 2)).ToArray());
    }
}

// A BMP of two by two pixels, all of one gray: 10 times the row.
static byte[] Bitmap(int row)
{
    using var stream = new MemoryStream();
    using var file = new BinaryWriter(stream);
    file.Write("BM"u8);
    foreach (int value in (int[])[70, 0, 54, 40, 2, 2, 1 | (24 << 16), 0, 16, 2835, 2835, 0, 0])
    {
        file.Write(value);
    }
    for (int y = 0; y < 2; y++)
    {
        file.Write(Enumerable.Repeat((byte)(row * 10), 6).Concat(new byte[2]).ToArray());
    }
    return stream.ToArray();
}
