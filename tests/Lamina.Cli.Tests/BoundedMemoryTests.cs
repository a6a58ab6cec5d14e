using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests;

/// <summary>Data sets many times larger than the memory of the process.</summary>
public sealed class BoundedMemoryTests : IDisposable
{
    private const int Side = 256;
    private const int HeapMegabytes = 40;
    private const int Images = 20 * HeapMegabytes * (1 << 20) / (Side * Side * 3);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Twenty_times_the_memory_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs files with holes.");
        string shard = _folder["x.tar"];
        WriteShard(shard);
        Assert.True(new FileInfo(shard).Length > 20L * HeapMegabytes << 20);
        KeyValuePair<string, string>[] limits =
        [
            new("DOTNET_GCHeapHardLimit", (HeapMegabytes << 20).ToString("X", CultureInfo.InvariantCulture)),
            new("XDG_CACHE_HOME", _folder["cache"]),
        ];
        string[] args = ["data", shard, "--json", "--output", _folder["sheet.png"]];
        using Process process = Alexnet.StartWith(limits, "dotnet", [Alexnet.Assembly, .. args]);
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        JsonNode data = JsonNode.Parse(outcome.Output)!;
        Assert.Equal(Images, data["color"]!.GetValue<int>());
        Assert.Equal(Side, data["height"]!["median"]!.GetValue<int>());
    }

    /// <summary>Writes black images as NumPy arrays, whose pixels are holes in the file.</summary>
    private static void WriteShard(string path)
    {
        string text = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({Side}, {Side}, 3), }}";
        byte[] header = [0x93, .. Encoding.ASCII.GetBytes("NUMPY\x01\0v\0" + text.PadRight(117) + "\n")];
        int length = header.Length + (Side * Side * 3);
        using FileStream file = File.Create(path);
        for (int i = 0; i < Images; i++)
        {
            long start = file.Position;
            file.Write(Entry($"c{i % 2}/{i}.npy", length));
            file.Write(header);
            file.Position = start + 512 + ((length + 511) / 512 * 512);
        }
        file.Write(new byte[1024]);
    }

    private static byte[] Entry(string name, int length)
    {
        var entry = new byte[512];
        Put(0, name);
        Put(100, "0000644");
        Put(124, Convert.ToString(length, 8).PadLeft(11, '0'));
        Put(136, "00000000000");
        Put(156, "0");
        Put(257, "ustar\0" + "00");
        Put(148, "        ");
        Put(148, Convert.ToString(entry.Sum(b => b), 8).PadLeft(6, '0') + "\0");
        return entry;

        void Put(int at, string value) => Encoding.ASCII.GetBytes(value).CopyTo(entry, at);
    }
}
