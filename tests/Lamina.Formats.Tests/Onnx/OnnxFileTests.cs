using System.Text.Json.Nodes;
using Google.Protobuf;
using Onnx;
using static Lamina.Formats.Tests.OnnxFiles.OnnxGraphs;
using static Lamina.Layers;

namespace Lamina.Formats.Tests.OnnxFiles;

/// <summary>What a file holds, and what comes back of it.</summary>
public sealed class OnnxFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder["m.onnx"];

    private ModelProto Exported(Model model, OnnxExportOptions? options = null)
    {
        OnnxFile.Export(model, Path, options);
        return ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path));
    }

    [Fact]
    public void Nodes_values_and_weights_bear_the_layers_names()
    {
        ModelProto file = Exported(Small());
        Assert.Equal((8, 17), (file.IrVersion, file.OpsetImport.Single().Version));
        Assert.Equal("Lamina", file.ProducerName);
        Assert.Equal("images", file.Graph.Input.Single().Name);
        Assert.Equal("dense", file.Graph.Output.Single().Name);
        Assert.Equal(
            "conv:Conv conv/relu:Relu norm:BatchNormalization lrn:LRN "
                + "branch:Conv add:Add pool:MaxPool flatten:Flatten dense:Gemm dense/softmax:Softmax",
            string.Join(' ', file.Graph.Node.Select(n => $"{n.Name}:{n.OpType}"))
        );
        Assert.Contains("conv/kernel", file.Graph.Initializer.Select(t => t.Name));
        // Without dropout, a Transpose or a Pad: two pixels are missing below, one of them above.
        NodeProto conv = file.Graph.Node[0];
        Assert.Equal([1L, 0, 1, 1], conv.Attribute.Single(a => a.Name == "pads").Ints);
        Assert.Equal(5e-4f, file.Graph.Node[3].Attribute.Single(a => a.Name == "alpha").F);
    }

    [Fact]
    public void The_batch_is_free_and_the_layout_as_wanted()
    {
        static string Dims(ValueInfoProto value) =>
            string.Join(' ', value.Type.TensorType.Shape.Dim.Select(d => d.HasDimValue ? $"{d.DimValue}" : d.DimParam));
        ModelProto nchw = Exported(Small());
        Assert.Equal("N 2 7 6", Dims(nchw.Graph.Input[0]));
        Assert.Equal("N 3", Dims(nchw.Graph.Output[0]));
        ModelProto nhwc = Exported(Small(), new OnnxExportOptions { Layout = OnnxLayout.Nhwc });
        Assert.Equal("N 7 6 2", Dims(nhwc.Graph.Input[0]));
        Assert.Equal("Transpose", nhwc.Graph.Node[0].OpType);
        Assert.Single(nhwc.Graph.Node, n => n.OpType == "Transpose");
    }

    [Fact]
    public void Weights_come_back_bit_for_bit()
    {
        Model model = Small();
        foreach (OnnxLayout layout in Enum.GetValues<OnnxLayout>())
        {
            OnnxFile.Export(model, Path, new OnnxExportOptions { Layout = layout });
            Model read = OnnxFile.Import(Path).Model;
            Assert.Equal(model.Weights.Count, read.Weights.Count);
            foreach (Weight weight in model.Weights)
            {
                Weight same = read.GetLayer(weight.Layer.Name).Weights.Single(w => w.Name == weight.Name);
                Assert.Equal(weight.Shape, same.Shape);
                Assert.Equal(weight.GetValues(), same.GetValues());
            }
            Assert.Equal(
                model.Layers.Where(l => l is not Lamina.Dropout).Select(l => l.ClassName).Order(),
                read.Layers.Select(l => l.ClassName).Order()
            );
        }
    }

    [Fact]
    public void Weights_load_into_a_model_by_name_and_a_chain_by_order()
    {
        Model model = Small();
        OnnxFile.Export(model, Path);
        Model other = Model.FromConfig(model.GetConfig());
        OnnxFile.LoadWeights(other, Path);
        Assert.Equal(model.Weights.Select(w => w.GetValues()), other.Weights.Select(w => w.GetValues()));

        Model chain = Chain("a", units: 4);
        OnnxFile.Export(chain, Path);
        Model renamed = Chain("b", units: 4);
        OnnxFile.LoadWeights(renamed, Path);
        Assert.Equal(chain.Weights.Select(w => w.GetValues()), renamed.Weights.Select(w => w.GetValues()));

        Model wider = Chain("c", units: 5);
        float[][] before = [.. wider.Weights.Select(w => w.GetValues())];
        OneLine.Error(() => OnnxFile.LoadWeights(wider, Path), Path, "does not match");
        OneLine.Error(() => OnnxFile.LoadWeights(Small(), Path), Path);
        Assert.Equal(before, wider.Weights.Select(w => w.GetValues()));
    }

    private static Model Chain(string name, int units)
    {
        Symbol input = Input(Shape.Of(4, 4, 2), name: $"{name}_input");
        Symbol x = BatchNormalization(scale: false, name: $"{name}_norm")(Conv2D(3, 2, name: $"{name}_conv")(input));
        return Model(input, Dense(units, name: $"{name}_dense")(Flatten(name: $"{name}_flatten")(x)));
    }

    [Fact]
    public void Metadata_comes_back()
    {
        var metadata = new JsonObject
        {
            ["classes"] = new JsonArray("shirt", "bag \"big\"", "ö\u2028"),
            ["preprocessing"] = new JsonObject { ["mean"] = new JsonArray(0.5, 0.25) },
            ["source"] = "a run",
            ["odd"] = "[not json",
        };
        ModelProto file = Exported(Small(), new OnnxExportOptions { Metadata = metadata, DocString = "doc" });
        Assert.Equal("doc", file.DocString);
        Assert.Equal("a run", file.MetadataProps.Single(p => p.Key == "source").Value);
        Assert.True(JsonNode.DeepEquals(metadata, OnnxFile.Import(Path).Metadata));
    }

    [Fact]
    public void A_description_tells_what_is_in_a_file()
    {
        OnnxFile.Export(Small(), Path, new OnnxExportOptions { Metadata = new JsonObject { ["k"] = "v" } });
        FileDescription description = OnnxFile.Describe(Path);
        Assert.Equal("ONNX, IR 8, opset 17", description.Format);
        Assert.Contains(
            new TensorNote("conv/kernel", "FLOAT", "3 2 3 3", 216),
            description.Tensors.Select(TensorNote.Of)
        );
        Assert.Contains("input 'images': FLOAT (N, 2, 7, 6)", description.Notes);
        Assert.Contains("output 'dense': FLOAT (N, 3)", description.Notes);
        Assert.Contains("2 × Conv", description.Notes);
        Assert.Equal("v", (string?)description.Metadata!["k"]);
    }

    private sealed record TensorNote(string Name, string Dtype, string Shape, long Bytes)
    {
        public static TensorNote Of(TensorDescription t) => new(t.Name, t.Dtype, string.Join(' ', t.Shape), t.Bytes);
    }

    [Fact]
    public void Values_of_every_type_and_field_are_read()
    {
        float[] values = [1.5f, -2, 0.25f, 1024];
        TensorProto[] tensors = [.. Enumerable.Range(0, 8).Select(_ => Tensor("w", 0, 4))];
        tensors[0].FloatData.Add(values);
        tensors[1].RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]);
        tensors[2].DoubleData.Add(values.Select(v => (double)v));
        tensors[3].RawData = ByteString.CopyFrom([.. values.SelectMany(v => BitConverter.GetBytes((double)v))]);
        tensors[4].Int32Data.Add(values.Select(v => (int)BitConverter.HalfToUInt16Bits((Half)v)));
        tensors[5].RawData = ByteString.CopyFrom([.. values.SelectMany(v => BitConverter.GetBytes((Half)v))]);
        tensors[6].Int32Data.Add(values.Select(v => (int)(BitConverter.SingleToUInt32Bits(v) >> 16)));
        tensors[7].RawData = ByteString.CopyFrom([.. values.SelectMany(v => BitConverter.GetBytes(v)[2..])]);
        int[] types = [1, 1, 11, 11, 10, 10, 16, 16];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i].DataType = types[i];
            ModelProto file = Network(Node("Gemm", "y", "x", "k", "w")).With(tensors[i], Tensor("k", 32, 2, 4));
            file.Graph.Input[0] = Value("x", 0, 2);
            file.Graph.Output[0] = Value("y", 0, 4);
            Assert.Equal(values, Import(file).Model.Weights.Single(w => w.Name == "bias").GetValues());
        }
    }

    [Fact]
    public void A_weight_that_nodes_share_stays_one()
    {
        ModelProto file = OnnxGraphs
            .Network(Node("Conv", "a", "x", "w"), Node("Conv", "y", "a", "w"))
            .With(Tensor("w", 36, 3, 3, 1, 1));
        Model model = Import(file).Model;
        Assert.Equal(2, model.Layers.Count);
        Assert.Equal(9, model.CountParams());
    }

    [Fact]
    public void Over_two_gigabytes_of_weights_are_refused_before_they_are_drawn()
    {
        Symbol input = Input(30_000);
        Model model = Model(input, Dense(30_000)(input));
        OneLine.Error(() => OnnxFile.Export(model, Path), Path, "2 GiB");
        Assert.False(File.Exists(Path));
    }
}
