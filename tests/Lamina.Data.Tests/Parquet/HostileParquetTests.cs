using System.Globalization;
using Lamina.Data.Tests.Archives;

namespace Lamina.Data.Tests.Parquet;

/// <summary>Damaged Parquet files; a changed byte may declare any size, or a number without an end.</summary>
public sealed class HostileParquetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mutants_end_in_images_or_in_one_line()
    {
        string whole = Path.Combine(_folder.Path, "x.parquet");
        (byte[]?, long)[] rows = [.. Enumerable.Range(0, 6).Select(i => (Tars.Png((byte)i, 0), (long)(i % 3)))];
        ParquetFiles.Write(whole, rows, 3, ["a", "b", "c"]);
        byte[] sample = File.ReadAllBytes(whole);
        int mutants = int.TryParse(
            Environment.GetEnvironmentVariable("LAMINA_MUTANTS"),
            CultureInfo.InvariantCulture,
            out int n
        )
            ? n
            : 500;
        var pixels = new PixelBuffer();
        int refused = 0;
        for (int m = 0; m < mutants; m++)
        {
            var random = new RandomStream(m, RandomPurpose.User);
            byte[] bytes = [.. sample];
            for (int change = random.NextInt32(3); change >= 0; change--)
            {
                // Often in the footer, at the end.
                int at =
                    random.NextInt32(2) == 0
                        ? random.NextInt32(bytes.Length)
                        : bytes.Length - 1 - random.NextInt32(600);
                bytes[at] = (byte)random.NextInt32(256);
            }
            bytes = random.NextInt32(4) == 0 ? bytes[..random.NextInt32(bytes.Length)] : bytes;
            string path = _folder.Write("m.parquet", bytes);
            try
            {
                LabeledImages images = ParquetImages.Open(path);
                for (int i = 0; i < images.Count; i++)
                {
                    images.Decode(i, pixels);
                }
            }
            catch (DataException e)
            {
                refused++;
                Assert.StartsWith(path, e.Path, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
        Assert.InRange(refused, mutants / 4, mutants);
    }
}
