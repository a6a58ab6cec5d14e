using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace Lamina.Formats.Tests;

public class SafetensorsWriterTests
{
    private static byte[] Written(
        IReadOnlyList<SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    [Fact]
    public void Golden_bytes()
    {
        byte[] file = Written(
            [
                new("b", new NDArray(Shape.Of(2), new[] { 1f, -2.5f })),
                new("a/é", new NDArray(Shape.Of(1, 1), new[] { 0.15625f })),
            ],
            new Dictionary<string, string> { ["format"] = "np" }
        );
        string header =
            """{"__metadata__":{"format":"np"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a/é":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}""";
        header = header.PadRight(header.Length + ((8 - (Encoding.UTF8.GetByteCount(header) % 8)) % 8));
        byte[] expected = SafetensorsBytes.File(header, 0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0, 0, 0x20, 0x3e);
        Assert.Equal(expected, file);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(file) % 8);
    }

    [Fact]
    public void Signed_bytes_are_written_as_they_are()
    {
        byte[] file = Written([
            new("f", new NDArray(Shape.Of(1), new[] { 1f })),
            new("q", Shape.Of(2, 2), new sbyte[] { -127, -1, 0, 127 }),
        ]);
        string header =
            """{"f":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"q":{"dtype":"I8","shape":[2,2],"data_offsets":[4,8]}}""";
        header = header.PadRight(header.Length + ((8 - (header.Length % 8)) % 8));
        Assert.Equal(SafetensorsBytes.File(header, 0, 0, 0x80, 0x3f, 0x81, 0xff, 0, 0x7f), file);
        Assert.Throws<ArgumentException>(() => new SafetensorsEntry("q", Shape.Of(3), new sbyte[2]));
    }

    [Fact]
    public void Round_trips() =>
        Gen.Select(
                Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c)), 0, 12],
                Gen.Int[1, 5].Array[0, 4],
                Gen.Int.Select(BitConverter.Int32BitsToSingle)
            )
            .Array[0, 6]
            .Fixed()
            .Sample(
                cases =>
                {
                    var arrays = new Dictionary<string, NDArray>();
                    foreach ((string name, int[] dims, float value) in cases)
                    {
                        var array = new NDArray(Shape.Of(dims));
                        array.Values.Fill(value);
                        arrays.TryAdd(name, array);
                    }
                    byte[] file = Written(
                        [.. arrays.Select(a => new SafetensorsEntry(a.Key, a.Value))],
                        arrays.ToDictionary(a => a.Key, a => a.Key)
                    );
                    using SafetensorsReader reader = SafetensorsBytes.Open(file);
                    Assert.Equal(arrays.Keys, reader.Tensors.Select(t => t.Name));
                    Assert.Equal(arrays.Keys, reader.Metadata.Select(m => m.Value));
                    foreach ((string name, NDArray array) in arrays)
                    {
                        Assert.True(reader.Find(name)!.HasShape(array.Shape));
                        Assert.Equal(Bits(array), Bits(reader.Read(name)));
                    }
                },
                iter: 200,
                threads: 1
            );

    private static int[] Bits(NDArray array) => [.. array.Values.ToArray().Select(BitConverter.SingleToInt32Bits)];

    [Fact]
    public void Tensors_longer_than_a_block_share_one_buffer()
    {
        const int Count = (1 << 20) + 3;
        var buffer = new float[Count];
        SafetensorsEntry Entry(string name, float value) =>
            new(
                name,
                Shape.Of(Count),
                () =>
                {
                    buffer.AsSpan().Fill(value);
                    buffer[^1] = value + 1;
                    return buffer;
                }
            );
        using var folder = new TempFolder();
        SafetensorsWriter.Save(folder["big"], [Entry("one", 1), Entry("two", 2)]);
        using SafetensorsReader reader = SafetensorsReader.Open(folder["big"]);
        NDArray two = reader.Read("two");
        Assert.Equal((2f, 2f, 3f), (two[0], two[Count - 2], two[Count - 1]));
        Assert.Equal((1f, 2f), (reader.Read("one")[0], reader.Read("one")[Count - 1]));
        Assert.Equal(["big"], folder.Names());
    }

    [Fact]
    public void Names_that_the_format_cannot_hold_are_refused()
    {
        var array = new NDArray(Shape.Of(1));
        Assert.Throws<ArgumentException>(() => Written([new("__metadata__", array)]));
        Assert.Throws<ArgumentException>(() => Written([new("a", array), new("a", array)]));
        Assert.Throws<ArgumentException>(() => Written([new("\ud800", array)]));
        Assert.Throws<ArgumentException>(() => Written([new("a", Shape.Of(2), () => new float[1])]));
    }

    [Fact]
    public void A_full_disk_is_an_error_of_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "The system has no /dev/full.");
        OneLine.Error(
            () => SafetensorsWriter.Save("/dev/full", [new("t", new NDArray(Shape.Of(1 << 20)))]),
            "/dev/full",
            "no space left on device"
        );
    }
}
