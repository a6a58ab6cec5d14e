using System.Buffers.Binary;
using static Lamina.Formats.Tests.SafetensorsBytes;

namespace Lamina.Formats.Tests;

public class SafetensorsReaderTests
{
    // 1.0f, -2.5f, 0.15625f in IEEE 754, little-endian.
    private static readonly byte[] s_threeFloats = [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0, 0, 0x20, 0x3e];

    [Fact]
    public void Golden_file_of_the_format()
    {
        byte[] file = File(
            """{"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[],"data_offsets":[12,20]},"a":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]}}   """,
            [.. s_threeFloats, 1, 2, 0, 0, 0, 0, 0, 0x80]
        );
        using SafetensorsReader reader = Open(file);
        Assert.Equal("pt", Assert.Single(reader.Metadata, m => m.Key == "format").Value);
        Assert.Equal(["a", "b"], reader.Tensors.Select(t => t.Name));
        NDArray a = reader.Read("a");
        Assert.Equal(Shape.Of(3, 1), a.Shape);
        Assert.Equal([1f, -2.5f, 0.15625f], a.Values.ToArray());
        Assert.Equal(SafetensorsDtype.I64, reader.Find("b")!.Dtype);
        Assert.Empty(reader.Find("b")!.Dimensions);
        var b = new byte[8];
        reader.ReadBytes("b", 0, b);
        Assert.Equal(unchecked((long)0x8000000000000201), BinaryPrimitives.ReadInt64LittleEndian(b));
        Assert.Null(reader.Find("c"));
        OneLine.Error(() => reader.Read("c"), "'c'");
        OneLine.Error(() => reader.Read("b"), "'b'", "I64", "F32");
    }

    [Fact]
    public void Tensors_can_be_read_in_any_order_and_again()
    {
        byte[] file = File(
            """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
            s_threeFloats
        );
        using SafetensorsReader reader = Open(file);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal([-2.5f, 0.15625f], reader.Read("y").Values.ToArray());
            Assert.Equal([1f], reader.Read("x").Values.ToArray());
        }
    }

    [Theory]
    [InlineData("BOOL", 1)]
    [InlineData("U8", 1)]
    [InlineData("I8", 1)]
    [InlineData("F8_E5M2", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("I16", 2)]
    [InlineData("U16", 2)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("I32", 4)]
    [InlineData("U32", 4)]
    [InlineData("F32", 4)]
    [InlineData("I64", 8)]
    [InlineData("U64", 8)]
    [InlineData("F64", 8)]
    [InlineData("C64", 8)]
    public void Every_dtype_has_its_size(string dtype, int size)
    {
        string header = $$$"""{"t":{"dtype":"{{{dtype}}}","shape":[3],"data_offsets":[0,{{{3 * size}}}]}}""";
        using SafetensorsReader reader = Open(File(header, new byte[3 * size]));
        Assert.Equal(3, reader.Tensors[0].ElementCount);
        Assert.Contains(dtype, reader.Tensors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_files_and_empty_tensors_are_allowed()
    {
        using SafetensorsReader none = Open(File("{}"));
        Assert.Empty(none.Tensors);
        using SafetensorsReader empty = Open(
            File(
                """{"z":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""",
                0,
                0,
                0x80,
                0x3f
            )
        );
        Assert.Equal(["a", "z"], empty.Tensors.Select(t => t.Name));
        Assert.Equal([1f], empty.Read("a").Values.ToArray());
        OneLine.Error(() => empty.Read("z"), "'z'", "(0, 7)");
    }

    private const string Good = """{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""";

    [Theory]
    [InlineData("", "begin with")]
    [InlineData(" {}", "begin with")]
    [InlineData("[]", "begin with")]
    [InlineData("\uFEFF{}", "begin with")]
    [InlineData("{", "malformed JSON")]
    [InlineData("{}x", "malformed JSON")]
    [InlineData("{} {}", "malformed JSON")]
    [InlineData("{}\0", "malformed JSON")]
    [InlineData("""{"t":""" + Good + ",}", "malformed JSON")]
    [InlineData("""{/*c*/"t":""" + Good + "}", "malformed JSON")]
    [InlineData("""{"t":5}""", "'t' is not an object")]
    [InlineData("""{"t":{}}""", "no dtype")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1]}}""", "no data_offsets")]
    [InlineData("""{"t":{"dtype":"F32","data_offsets":[0,4]}}""", "no shape")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", "unknown key 'x'")]
    [InlineData("""{"t":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "dtype twice")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"sh\u0061pe":[1],"data_offsets":[0,4]}}""", "shape twice")]
    [InlineData(
        """{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}""",
        "data_offsets twice"
    )]
    [InlineData("""{"t":""" + Good + ""","t":""" + Good + "}", "'t' twice")]
    [InlineData("""{"t":""" + Good + ""","\u0074":""" + Good + "}", "'t' twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"t":""" + Good + "}", "'__metadata__' twice")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"},"t":""" + Good + "}", "'a' twice")]
    [InlineData("""{"__metadata__":{"a":1},"t":""" + Good + "}", "'a' is not a string")]
    [InlineData("""{"__metadata__":{"a":{"b":{}}},"t":""" + Good + "}", "'a' is not a string")]
    [InlineData("""{"__metadata__":["a"],"t":""" + Good + "}", "__metadata__ is not an object")]
    [InlineData("""{"t":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", "'F33' is unknown")]
    [InlineData("""{"t":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", "'f32' is unknown")]
    [InlineData("""{"t":{"dtype":"0","shape":[1],"data_offsets":[0,4]}}""", "'0' is unknown")]
    [InlineData("""{"t":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", "dtype is not a string")]
    [InlineData("""{"t":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", "shape is not a list")]
    [InlineData("""{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"t":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"t":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", "malformed JSON")]
    [InlineData("""{"t":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"t":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "more elements")]
    [InlineData("""{"t":{"dtype":"F32","shape":[2147483648,2147483648,2],"data_offsets":[0,4]}}""", "more elements")]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "span 4 bytes, F32 (2,) has 8")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "begin ≤ end")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "begin ≤ end")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", "begin ≤ end")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "gap")]
    [InlineData(
        """{"t":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""",
        "gap"
    )]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "cut off")]
    [InlineData("{}", "after its last tensor")]
    [InlineData("""{"t":""" + Good + ""","u":""" + Good + "}", "overlaps")]
    [InlineData("""{"t":""" + Good + ""","\ud800":""" + Good + "}", "malformed JSON")]
    [InlineData("""{"a\nb":5}""", "'a?b' is not an object")]
    public void Malformed_headers_are_refused(string header, string reason) =>
        OneLine.Error(() => Open(File(header, 0, 0, 0x80, 0x3f)), "f: ", reason);

    [Fact]
    public void Invalid_utf8_is_refused() => OneLine.Error(() => Open(File([(byte)'{', 0xff, (byte)'}'])), "UTF-8");

    [Fact]
    public void Deep_nesting_is_refused() =>
        OneLine.Error(() => Open(File("""{"t":""" + new string('[', 1_000_000))), "'t' is not an object");

    [Fact]
    public void Header_lengths_beyond_the_limits_are_refused_before_memory_is_taken()
    {
        foreach (ulong length in (ulong[])[100_000_001, 1UL << 40, 1UL << 63, ulong.MaxValue])
        {
            var file = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(file, length);
            OneLine.Error(() => Open(file), "100000000");
        }
        var shortFile = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(shortFile, 100_000_000);
        OneLine.Error(() => Open(shortFile), "cut off", "8 follow");
        OneLine.Error(() => Open([]), "0 bytes");
    }

    [Fact]
    public void Long_names_are_cut_in_errors() =>
        OneLine.Error(() => Open(File($$"""{"{{new string('n', 100_000)}}":5}""")), "nnn…'");

    [Fact]
    public void A_path_that_is_no_file_is_an_error_of_one_line()
    {
        using var folder = new TempFolder();
        OneLine.Error(() => SafetensorsReader.Open(folder["none"]), folder["none"], "no such file");
        OneLine.Error(() => SafetensorsReader.Open(Path.Combine(folder["no"], "ne")), "no such folder");
        OneLine.Error(() => SafetensorsReader.Open(folder.Root), folder.Root);
    }

    [Fact]
    public void Truncated_while_open_is_an_error_of_one_line()
    {
        using var folder = new TempFolder();
        System.IO.File.WriteAllBytes(folder["t"], File("""{"t":""" + Good + "}", 0, 0, 0x80, 0x3f));
        using SafetensorsReader reader = SafetensorsReader.Open(folder["t"]);
        using (var other = new FileStream(folder["t"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(other.Length - 1);
        }
        OneLine.Error(() => reader.Read("t"), folder["t"], "ends too early");
    }
}
