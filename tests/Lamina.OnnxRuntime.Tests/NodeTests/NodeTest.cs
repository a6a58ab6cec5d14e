using System.IO.Compression;
using Google.Protobuf;
using Lamina.Formats.Tests;
using Onnx;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>One of the ONNX project's own tests: a model of one or a few nodes, its inputs, and what it must give.</summary>
internal sealed class NodeTest(string name, IReadOnlyDictionary<string, byte[]> files)
{
    public string Name { get; } = name;

    /// <summary>The tests of an archive, in their order.</summary>
    public static IReadOnlyList<NodeTest> ReadAll(string archive)
    {
        using ZipArchive zip = ZipFile.OpenRead(archive);
        return
        [
            .. zip
                .Entries.GroupBy(e => Path.GetDirectoryName(e.FullName)!)
                .Select(g => new NodeTest(g.Key, g.ToDictionary(e => e.Name, Bytes))),
        ];
    }

    /// <summary>Runs the test: null if what Lamina computes is right, or why the model cannot be Lamina's.</summary>
    /// <remarks>
    /// The tests feed weights as inputs, which a network has in its file. Where all inputs computed do not make a model of
    /// Lamina's, all but the first become constants.
    /// </remarks>
    public string? Run()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(files["model.onnx"]);
        TensorProto[] inputs = [.. Tensors("input")];
        string? reason = Run(model, inputs, inputs.Length);
        if (reason is not null && inputs.Length > 1)
        {
            string? other = Run(model, inputs, 1);
            reason = other is null || reason.Contains("is computed, where", StringComparison.Ordinal) ? other : reason;
        }
        return reason;
    }

    private string? Run(ModelProto original, TensorProto[] inputs, int computed)
    {
        ModelProto model = original.Clone();
        ValueInfoProto[] declared = [.. model.Graph.Input];
        for (int i = computed; i < Math.Min(inputs.Length, declared.Length); i++)
        {
            TensorProto constant = inputs[i].Clone();
            constant.Name = declared[i].Name;
            model.Graph.Initializer.Add(constant);
            model.Graph.Input.Remove(declared[i]);
        }
        using var folder = new TempFolder();
        string path = folder["m.onnx"];
        File.WriteAllBytes(path, model.ToByteArray());
        OnnxModel read;
        try
        {
            read = OnnxFile.Import(path);
        }
        catch (ModelFileException e)
        {
            OneLine.IsOneLine(e);
            Assert.StartsWith($"{path}: ", e.Message, StringComparison.Ordinal);
            return e.Message[(path.Length + 2)..];
        }
        NDArray[] given = [.. read.Inputs.Select((b, i) => Array(inputs[i], b.Layout))];
        IReadOnlyList<NDArray> results = read.Model.PredictAll(given);
        TensorProto[] expected = [.. Tensors("output")];
        for (int i = 0; i < results.Count; i++)
        {
            double difference = Runtime.Difference(Array(expected[i], read.Outputs[i].Layout), results[i]);
            Assert.True(difference <= 1e-5, $"{Name}: output {i} differs by {difference:g3}.");
        }
        return null;
    }

    private IEnumerable<TensorProto> Tensors(string kind)
    {
        for (int i = 0; files.TryGetValue($"{kind}_{i}.pb", out byte[]? bytes); i++)
        {
            yield return TensorProto.Parser.ParseFrom(bytes);
        }
    }

    private static NDArray Array(TensorProto tensor, OnnxLayout layout)
    {
        float[] values =
            tensor.RawData.Length > 0
                ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
                : [.. tensor.FloatData];
        var array = new NDArray(Shape.Of([.. tensor.Dims.Select(d => checked((int)d))]), values);
        return layout == OnnxLayout.Nchw ? Runtime.ToChannelsLast(array) : array;
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
