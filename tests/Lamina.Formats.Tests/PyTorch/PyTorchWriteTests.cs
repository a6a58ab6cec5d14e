using System.IO.Compression;

namespace Lamina.Formats.Tests;

public class PyTorchWriteTests
{
    private static Dictionary<string, NDArray> Tensors() =>
        new()
        {
            ["features.0.weight"] = new NDArray(Shape.Of(2, 1, 1, 3), new[] { 1f, -2.5f, 0.1f, 4, 5, 6 }),
            ["é"] = new NDArray(Shape.Of(300), new float[300]),
            ["scalar"] = new NDArray(Shape.Of(), new[] { 7f }),
        };

    [Fact]
    public void What_is_written_is_read()
    {
        using var folder = new TempFolder();
        Dictionary<string, NDArray> tensors = Tensors();
        PyTorchFile.Save(tensors, folder["a.pth"]);
        IReadOnlyDictionary<string, NDArray> read = PyTorchFile.Load(folder["a.pth"]);
        Assert.Equal(tensors.Keys, read.Keys);
        foreach ((string name, NDArray tensor) in tensors)
        {
            Assert.Equal(tensor.Shape, read[name].Shape);
            Assert.Equal(tensor.Values.ToArray(), read[name].Values.ToArray());
        }
        Assert.Equal(["a.pth"], folder.Names());
        Assert.Equal(File.ReadAllBytes(folder["a.pth"]), Again(folder));
    }

    private static byte[] Again(TempFolder folder)
    {
        PyTorchFile.Save(Tensors(), folder["b.pth"]);
        return File.ReadAllBytes(folder["b.pth"]);
    }

    [Fact]
    public void Entries_are_stored_aligned_and_whole()
    {
        using var folder = new TempFolder();
        PyTorchFile.Save(Tensors(), folder["a.pth"]);
        byte[] file = File.ReadAllBytes(folder["a.pth"]);
        using (ZipArchive zip = ZipFile.OpenRead(folder["a.pth"]))
        {
            Assert.Equal(
                [
                    "archive/data.pkl",
                    "archive/byteorder",
                    "archive/data/0",
                    "archive/data/1",
                    "archive/data/2",
                    "archive/version",
                ],
                zip.Entries.Select(e => e.FullName)
            );
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                Assert.Equal(entry.Length, entry.CompressedLength);
                using Stream stream = entry.Open();
                var content = new byte[entry.Length];
                stream.ReadExactly(content);
                // Another implementation's CRC-32 agrees, and the content begins at a multiple of 64 bytes.
                Assert.Equal(entry.Crc32, System.IO.Hashing.Crc32.HashToUInt32(content));
                int at = Enumerable.Range(0, file.Length / 64).First(i => file.AsSpan(i * 64).StartsWith(content)) * 64;
                Assert.True(at > 0);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(400)]
    public void Zip64_is_read_by_us_and_by_others(long from)
    {
        using var folder = new TempFolder();
        byte[] large = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        using (FileStream file = File.Create(folder["z.zip"]))
        {
            var zip = new StoredZipWriter(file, from);
            zip.Add(
                "a/large",
                large.Length,
                write =>
                {
                    write(large.AsSpan(0, 1));
                    write(large.AsSpan(1));
                }
            );
            zip.Add("a/small", [1, 2]);
            zip.Finish();
        }
        using (ZipArchive zip = ZipFile.OpenRead(folder["z.zip"]))
        {
            using Stream stream = zip.GetEntry("a/large")!.Open();
            var content = new byte[1000];
            stream.ReadExactly(content);
            Assert.Equal(large, content);
            Assert.Equal(2, zip.GetEntry("a/small")!.Length);
        }
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(folder["z.zip"]);
        var own = new StoredZip(handle, RandomAccess.GetLength(handle), "z");
        Assert.Equal(large, own.ReadAll("a/large", 1000));
        Assert.Equal([1, 2], own.ReadAll("a/small", 1000));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_of_one_line()
    {
        using var folder = new TempFolder();
        OneLine.Error(() => PyTorchFile.Save(Tensors(), Path.Combine(folder["no"], "a.pth")), "no such folder");
    }
}
