using System.IO.Compression;
using System.Runtime.InteropServices;
using Lamina.Formats.Tests;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Files that torch.onnx wrote (Goldens/make_torch.py), in four versions of the operators, compute what PyTorch computed.</summary>
public class TorchFileTests
{
    private static readonly string s_archive = Path.Combine(AppContext.BaseDirectory, "Goldens", "torch.zip");

    public static TheoryData<string> Names
    {
        get
        {
            using ZipArchive zip = ZipFile.OpenRead(s_archive);
            return [.. zip.Entries.Select(e => Path.GetDirectoryName(e.FullName)!).Distinct()];
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_file_computes_what_PyTorch_did(string name)
    {
        Session.Clear();
        using var folder = new TempFolder();
        using (ZipArchive zip = ZipFile.OpenRead(s_archive))
        {
            foreach (
                ZipArchiveEntry entry in zip.Entries.Where(e =>
                    e.FullName.StartsWith($"{name}/", StringComparison.Ordinal)
                )
            )
            {
                entry.ExtractToFile(folder[entry.Name]);
            }
        }
        OnnxModel read = OnnxFile.Import(folder["model.onnx"]);
        Assert.Equal(OnnxLayout.Nchw, read.Inputs.Single().Layout);
        NDArray x = Runtime.ToChannelsLast(Array(folder["x.f32"], ChannelsFirst(read.Model.Inputs[0].Shape)));
        NDArray output = read.Model.Predict(x);
        NDArray expected = Array(folder["y.f32"], ChannelsFirst(read.Model.Outputs[0].Shape));
        double difference = Runtime.Difference(Runtime.ToChannelsLast(expected), output);
        Assert.True(difference <= 1e-5, $"{name} differs by {difference:g3}.");
    }

    [Fact]
    public void A_network_of_PyTorchs_becomes_the_layers_that_one_would_write()
    {
        using var folder = new TempFolder();
        using (ZipArchive zip = ZipFile.OpenRead(s_archive))
        {
            zip.GetEntry("alexnet-17/model.onnx")!.ExtractToFile(folder["model.onnx"]);
        }
        Model model = OnnxFile.Import(folder["model.onnx"]).Model;
        Assert.Equal(
            "InputLayer Conv2D(relu) MaxPooling2D Conv2D(relu) ZeroPadding2D AveragePooling2D "
                + "AveragePooling2D Flatten Dense(relu6) Dense(linear)",
            string.Join(' ', model.Layers.Select(l => l.Activation is { } a ? $"{l.ClassName}({a.Name})" : l.ClassName))
        );
    }

    private static Shape ChannelsFirst(Shape shape) =>
        shape.Rank == 4 ? Shape.Of(2, shape[3]!.Value, shape[1]!.Value, shape[2]!.Value) : shape.WithBatch(2);

    private static NDArray Array(string path, Shape shape) =>
        new(shape, MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray());
}
