using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Lamina.Formats.Tests.OnnxFiles.OnnxGraphs;

namespace Lamina.Formats.Tests.OnnxFiles;

/// <summary>Values beside the model's file: read from its folder and below, and from nowhere else.</summary>
public sealed class OnnxExternalDataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public OnnxExternalDataTests()
    {
        Directory.CreateDirectory(_folder["model/parts"]);
        float[] values = [9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        File.WriteAllBytes(_folder["secret.bin"], Bytes(values));
        File.WriteAllBytes(_folder["model/data.bin"], Bytes(values));
        File.WriteAllBytes(_folder["model/parts/data.bin"], Bytes(values));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private OnnxModel Import(string location, string offset = "8", string length = "36")
    {
        ModelProto model = Network(Node("Conv", "y", "x", "w"))
            .With(External("w", location, offset, length, 3, 3, 1, 1));
        File.WriteAllBytes(_folder["model/m.onnx"], model.ToByteArray());
        return OnnxFile.Import(_folder["model/m.onnx"]);
    }

    [Theory]
    [InlineData("data.bin")]
    [InlineData("parts/data.bin")]
    public void Data_in_the_folder_is_read(string location)
    {
        float[] kernel = Import(location).Model.Weights[0].GetValues();
        // (out, in) in the file, (in, out) in Lamina.
        Assert.Equal([1f, 4, 7, 2, 5, 8, 3, 6, 9], kernel);
        Assert.Equal(kernel, Import(location, length: "").Model.Weights[0].GetValues());
    }

    [Fact]
    public void Data_elsewhere_is_refused()
    {
        string[] locations =
        [
            "../secret.bin",
            "parts/../../secret.bin",
            "..\\secret.bin",
            "./data.bin",
            "/etc/hostname",
            _folder["secret.bin"],
            "C:\\secret.bin",
            "",
            "parts",
            "missing.bin",
            "da\0ta.bin",
            new string('a', 5000),
            "/dev/zero",
        ];
        foreach (string location in locations)
        {
            OneLine.Error(() => Import(location), _folder["model/m.onnx"], "rejected");
        }
    }

    [Fact]
    public void Links_are_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        File.CreateSymbolicLink(_folder["model/link.bin"], _folder["secret.bin"]);
        Directory.CreateSymbolicLink(_folder["model/out"], _folder.Root);
        OneLine.Error(() => Import("link.bin"), "is a link");
        OneLine.Error(() => Import("out/secret.bin"), "is a link");
    }

    [Fact]
    public void Ranges_outside_the_file_are_refused()
    {
        (string Offset, string Length)[] ranges =
        [
            ("20", "36"),
            ("9223372036854775807", "36"),
            ("-1", "36"),
            ("0", "32"),
            ("0", "9223372036854775807"),
            ("x", "36"),
            ("0x8", "36"),
        ];
        foreach ((string offset, string length) in ranges)
        {
            OneLine.Error(() => Import("data.bin", offset, length), _folder["model/m.onnx"], "'w'");
        }
    }
}
