using System.Text;

namespace Lamina.Hdf5.Tests;

public class Hdf5FileTests
{
    // Published with the function: lookup3.c's own driver prints these for "Four score and seven years ago".
    [Fact]
    public void Checksums_are_those_of_their_author()
    {
        Assert.Equal(0x17770551u, Hdf5Checksum.Compute(Encoding.ASCII.GetBytes("Four score and seven years ago")));
        Assert.Equal(0xdeadbeefu, Hdf5Checksum.Compute([]));
    }

    [Fact]
    public void Many_links_and_attributes_are_found_in_their_heaps()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Goldens", "many.h5"));
        Hdf5Group root = Hdf5File.Open(file, file.Length).Root;
        string[] expected = [.. Enumerable.Range(0, 120).Select(i => $"layer_{i:000}")];
        Assert.Equal(expected, root.Names.Order());
        Assert.Equal(expected, Enumerable.Range(0, 120).Select(i => root.Text($"layer_names{i}")));
        Assert.Equal("77", root.Group("layer_077")!.Text("number"));
        Assert.Null(root.Group("layer_120"));
        Assert.Null(root.Text("layer_names120"));
    }

    [Fact]
    public void A_written_file_is_read_back()
    {
        var output = new Hdf5Output();
        output.Root.SetText("text", "é");
        Hdf5OutputGroup group = output.Root.Group("a");
        group.SetTexts("texts", ["one", "two"]);
        group.Add("b/values", [2, 3], () => [1, 2, 3, 4, 5, 6]);
        output.Root.Group("a").Add("more", [1], () => [7]);
        using var stream = new MemoryStream();
        output.Write(stream);
        stream.Position = 0;
        Hdf5Group root = Hdf5File.Open(stream, stream.Length).Root;
        Assert.Equal(["a"], root.Names);
        Assert.Equal("é", root.Text("text"));
        Assert.Equal(["one", "two"], root.Group("a")!.Texts("texts")!);
        Hdf5Dataset values = Assert.IsType<Hdf5Dataset>(root.Find("a/b/values"));
        Assert.Equal([2, 3], values.Space.Dims);
        Assert.Equal([1, 2, 3, 4, 5, 6], values.ReadFloats());
        Assert.Equal([7], ((Hdf5Dataset)root.Find("a/more")!).ReadFloats());
    }

    [Fact]
    public void Many_members_and_long_texts_are_read_back()
    {
        string config = string.Concat(Enumerable.Repeat("{\"größe\": 1}", 20_000));
        string[] names = [.. Enumerable.Range(0, Hdf5OutputGroup.MaxTexts).Select(i => $"layer_{i}")];
        var output = new Hdf5Output();
        output.Root.SetText("config", config);
        output.Root.SetTexts("names", names);
        output.Root.SetTexts("none", []);
        output.Root.SetTexts("empty", ["", "a", ""]);
        foreach (string name in names)
        {
            output.Root.Group(name).Add("vars", [2], () => [1, 2]);
        }
        output.Root.Add("state", [7, 0]);
        output.Root.Add("nothing", [0, 3], () => []);
        using var stream = new MemoryStream();
        output.Write(stream);
        stream.Position = 0;
        Hdf5Group root = Hdf5File.Open(stream, stream.Length).Root;
        Assert.Equal(config, root.Text("config"));
        Assert.Equal(names, root.Texts("names"));
        Assert.Equal([], root.Texts("none")!);
        Assert.Equal(["", "a", ""], root.Texts("empty")!);
        Assert.Equal([.. names, "state", "nothing"], root.Names);
        Assert.Equal([1, 2], ((Hdf5Dataset)root.Find($"{names[^1]}/vars")!).ReadFloats());
        Assert.Equal("uint32", ((Hdf5Dataset)root.Find("state")!).Type.Name);
        Assert.Equal([], ((Hdf5Dataset)root.Find("nothing")!).ReadFloats());
        if (Environment.GetEnvironmentVariable("LAMINA_INTEROP_OUT") is { } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, "many.h5"), stream.ToArray());
        }
    }

    [Fact]
    public void An_error_of_the_disk_passes_through_as_it_is()
    {
        var output = new Hdf5Output();
        output.Root.Add("values", [1 << 20], () => new float[1 << 20]);
        using var stream = new FullStream();
        Assert.Equal("full", Assert.Throws<IOException>(() => output.Write(stream)).Message);
    }

    private sealed class FullStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");
    }
}
