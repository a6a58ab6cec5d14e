using System.IO.Compression;
using System.Runtime.InteropServices;
using Lamina.Formats.Tests;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>
/// Files of torch.onnx whose shapes, pads and normalizations are computed by nodes (Goldens/make_torch_shapes.py) compute what
/// PyTorch computed, or are refused with a reason.
/// </summary>
public class TorchShapeTests
{
    private static readonly string s_archive = Path.Combine(AppContext.BaseDirectory, "Goldens", "torch-shapes.zip");

    public static TheoryData<string> Files
    {
        get
        {
            using ZipArchive zip = ZipFile.OpenRead(s_archive);
            return
            [
                .. zip
                    .Entries.Select(e => e.FullName)
                    .Where(n =>
                        n.EndsWith(".onnx", StringComparison.Ordinal)
                        && !n.StartsWith("refused/", StringComparison.Ordinal)
                    ),
            ];
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_file_computes_what_PyTorch_did(string file)
    {
        Session.Clear();
        using var folder = new TempFolder();
        string network = Path.GetDirectoryName(file)!;
        Model model = OnnxFile.Import(Extract(file, folder)).Model;
        NDArray x = Runtime.ToChannelsLast(
            Array(Extract($"{network}/x.f32", folder), ChannelsFirst(model.Inputs[0].Shape))
        );
        NDArray expected = Array(Extract($"{network}/y.f32", folder), ChannelsFirst(model.Outputs[0].Shape));
        double difference = Runtime.Difference(Runtime.ToChannelsLast(expected), model.Predict(x));
        Assert.True(difference <= 1e-5, $"{file} differs by {difference:g3}.");
        // The batch stays open.
        NDArray one = model.Predict(new NDArray(x.Shape.WithBatch(1), x.Values[..(x.Values.Length / 2)].ToArray()));
        NDArray first = new(one.Shape, Runtime.ToChannelsLast(expected).Values[..one.Values.Length].ToArray());
        Assert.True(Runtime.Difference(first, one) <= 1e-5, file);
    }

    [Fact]
    public void PyTorchs_normalization_becomes_one_layer()
    {
        using var folder = new TempFolder();
        foreach (int opset in (int[])[9, 13, 17])
        {
            Model model = OnnxFile.Import(Extract($"paper/{opset}.onnx", folder)).Model;
            Assert.Equal(
                "InputLayer Conv2D LocalResponseNormalization MaxPooling2D ZeroPadding2D Conv2D LocalResponseNormalization "
                    + "MaxPooling2D Flatten Dense",
                string.Join(' ', model.Layers.Select(l => l.ClassName))
            );
        }
    }

    [Theory]
    [InlineData("nonzero-pad", "something other than zeros")]
    [InlineData("reflection-pad", "something other than zeros")]
    [InlineData("interpolate", "(Resize)")]
    [InlineData("transposed", "(ConvTranspose)")]
    [InlineData("even-lrn", "an odd size")]
    [InlineData("batch-into-channels", "its shape (2·N, 2, 4, 6)")]
    [InlineData("whole-batch", "its shape (-1)")]
    [InlineData("expand", "(Expand) is an operator Expand of computed values, which Lamina does not support")]
    public void What_Lamina_does_not_have_is_refused_by_name(string network, string reason)
    {
        using var folder = new TempFolder();
        string path = Extract($"refused/{network}.onnx", folder);
        OneLine.Error(() => OnnxFile.Import(path), path, reason);
    }

    private static string Extract(string entry, TempFolder folder)
    {
        using ZipArchive zip = ZipFile.OpenRead(s_archive);
        string path = folder[Path.GetFileName(entry)];
        zip.GetEntry(entry)!.ExtractToFile(path, overwrite: true);
        return path;
    }

    private static Shape ChannelsFirst(Shape shape) =>
        shape.Rank == 4 ? Shape.Of(2, shape[3]!.Value, shape[1]!.Value, shape[2]!.Value) : shape.WithBatch(2);

    private static NDArray Array(string path, Shape shape) =>
        new(shape, MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray());
}
