namespace Lamina.Data.Tests.Archives;

/// <summary>An index saves reading the headers again, and is never believed when it is stale or damaged.</summary>
public sealed class ArchiveIndexTests : IDisposable
{
    private const int Files = 1200;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(int green)
    {
        byte[] image = Tars.Png(5, green);
        return _folder.Write("x.tar", Tars.Of(Enumerable.Range(0, Files).Select(i => ($"c{i % 2}/{i:D5}.png", image))));
    }

    [Fact]
    public void An_index_is_written_used_and_replaced_when_it_is_stale()
    {
        string tar = Write(1);
        string fingerprint = WebDataset.Open(tar).Fingerprint();
        string index = tar + ".lamina-index";
        byte[] first = File.ReadAllBytes(index);
        // Used: a file with another name in the same place appears only in the index.
        DateTime modified = File.GetLastWriteTimeUtc(tar);
        Corrupt(tar);
        File.SetLastWriteTimeUtc(tar, modified);
        Assert.Equal(Files, WebDataset.Open(tar).Count);
        // Stale: the time differs, so the headers are read, and the damage is found.
        File.SetLastWriteTimeUtc(tar, modified.AddSeconds(1));
        Assert.Throws<DataException>(() => WebDataset.Open(tar));
        Write(1);
        Assert.Equal(fingerprint, WebDataset.Open(tar).Fingerprint());
        Assert.NotEqual(first, File.ReadAllBytes(index));
    }

    [Fact]
    public void A_damaged_index_is_made_again()
    {
        string tar = Write(2);
        string fingerprint = WebDataset.Open(tar).Fingerprint();
        string index = tar + ".lamina-index";
        byte[] good = File.ReadAllBytes(index);
        for (int i = 0; i < good.Length; i += good.Length / 7)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x10;
            File.WriteAllBytes(index, bad);
            Assert.Equal(fingerprint, WebDataset.Open(tar).Fingerprint());
            Assert.Equal(good, File.ReadAllBytes(index));
        }
        File.WriteAllBytes(index, good[..100]);
        Assert.Equal(Files, WebDataset.Open(tar).Count);
    }

    private static void Corrupt(string tar)
    {
        byte[] bytes = File.ReadAllBytes(tar);
        bytes.AsSpan(0, 512).Fill((byte)'z');
        File.WriteAllBytes(tar, bytes);
    }
}
