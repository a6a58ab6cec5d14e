using Lamina.Formats.Tests;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Networks as CNTK, Caffe2, MXNet, tf2onnx and PyTorch write them compute what ONNX Runtime computes.</summary>
public class PretrainedImportTests
{
    public static TheoryData<string> Names => PretrainedFiles.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_network_computes_what_ONNX_Runtime_does(string name)
    {
        Session.Clear();
        using var folder = new TempFolder();
        string path = PretrainedFiles.Extract(name, folder);
        OnnxModel read = OnnxFile.Import(path);
        NDArray[] one = RoundTrip.Inputs(read.Model, batch: 1);
        IReadOnlyList<NDArray> expected = Runtime.Run(path, one, read.Inputs[0].Layout);
        NDArray first = read.Model.Predict(one[0]);
        RoundTrip.Agree(expected, [first], name);
        // Names and layers that neither TensorFlow nor tfjs has.
        Assert.All(read.Model.Layers, l => Assert.Equal(-1, l.Name.AsSpan().IndexOfAny(":/ ")));
        Assert.All(read.Model.Nodes.Where(n => n.Layer is Concatenate), n => Assert.True(n.Inputs.Count > 1));
        // A batch that the file fixes at 1 is free.
        NDArray two = read.Model.Predict(new NDArray(one[0].Shape.WithBatch(2), Twice(one[0])));
        Assert.True(Runtime.Difference(new NDArray(two.Shape, Twice(first)), two) <= 1e-5, $"{name}: a batch of two");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_trunk_ends_in_the_features(string name)
    {
        Session.Clear();
        using var folder = new TempFolder();
        Model model = OnnxFile.Import(PretrainedFiles.Extract(name, folder)).Model;
        ModelTrunk trunk = ModelTrunk.Of(model);
        string network = Path.GetDirectoryName(name)!;
        // SqueezeNet of five classes and no softmax tells nothing of where its features end.
        bool endsInFeatures = network is "resnet18-features" or "squeezenet";
        Assert.Equal(endsInFeatures, trunk.Head is null);
        Assert.Equal(2, trunk.Network.Outputs[0].Shape.Rank);
        if (trunk.Head is { } head)
        {
            Assert.Equal(5, model.Outputs[0].Shape[1]);
            Assert.Equal(head.Weights[0].Shape[^2], trunk.FeatureCount);
            Assert.DoesNotContain(head, trunk.Network.Layers);
        }
        NDArray x = RoundTrip.Inputs(model, batch: 1)[0];
        Assert.Equal(Shape.Of(1, 7), trunk.WithHead(7).Predict(x).Shape);
        ModelTrunk stages = trunk.WithStages();
        Assert.True(stages.Sources.Count is >= 3 and <= 11, $"{name}: {stages.Sources.Count} sources");
        NDArray features = stages.Network.Predict(x);
        Assert.Equal(Shape.Of(1, stages.FeatureCount), features.Shape);
        Assert.Equal(trunk.Network.Predict(x).Values.ToArray(), features.Values[^trunk.FeatureCount..].ToArray());
    }

    [Fact]
    public void CNTKs_ResNet18_ends_in_512_features()
    {
        Session.Clear();
        OnnxModel read = OnnxFile.Import(PretrainedFiles.ResNet18);
        ModelTrunk trunk = ModelTrunk.Of(read.Model);
        Assert.Equal((null, 512, "Pooling395"), (trunk.Head, trunk.FeatureCount, trunk.Last.Name));
        NDArray x = RoundTrip.Inputs(read.Model, batch: 1)[0];
        // As large as pixels less a mean image.
        foreach (ref float value in x.Values)
        {
            value *= 120;
        }
        NDArray expected = Runtime.Run(PretrainedFiles.ResNet18, [x], OnnxLayout.Nchw)[0];
        NDArray features = trunk.Network.Predict(x);
        Assert.Equal(Shape.Of(1, 512), features.Shape);
        Assert.True(Runtime.Difference(new NDArray(features.Shape, expected.Values.ToArray()), features) <= 1e-4);
        // The first convolution, two blocks of each of four stages, and the pooled end of the last one.
        ModelTrunk stages = trunk.WithStages();
        Assert.Equal((9 - 1, 64 + (2 * (64 + 128 + 256)) + 512 + 512), (stages.Sources.Count - 1, stages.FeatureCount));
    }

    [Fact]
    public void The_mean_image_of_CNTKs_preprocessing_is_subtracted_pixel_by_pixel()
    {
        Session.Clear();
        OnnxModel read = OnnxFile.Import(PretrainedFiles.ResNet18Preprocessing);
        NDArray[] x = RoundTrip.Inputs(read.Model, batch: 1);
        RoundTrip.Agree(
            Runtime.Run(PretrainedFiles.ResNet18Preprocessing, x, OnnxLayout.Nchw),
            [read.Model.Predict(x[0])],
            "the preprocessing"
        );
    }

    private static float[] Twice(NDArray x) => [.. x.Values, .. x.Values];
}
