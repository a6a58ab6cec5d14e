using Lamina.Formats.Tests;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Networks of other exporters go through every format that Lamina writes and compute the same afterwards.</summary>
public class PretrainedConversionTests
{
    public static TheoryData<string> Names => PretrainedFiles.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_format_keeps_what_the_network_computes(string name)
    {
        Session.Clear();
        using var folder = new TempFolder();
        string path = PretrainedFiles.Extract(name, folder);
        Model model = OnnxFile.Import(path).Model;
        NDArray x = RoundTrip.Inputs(model, batch: 2)[0];
        NDArray expected = model.Predict(x);
        foreach (ModelFormat format in ModelFormats.All)
        {
            string converted = folder[format.Name == "tfjs" ? "web" : $"converted{format.Extensions[0]}"];
            format.Save(model, converted);
            Model read = format.CanLoad ? format.Load(converted).Model : Emptied(path);
            if (!format.CanLoad)
            {
                format.LoadWeights(read, converted);
            }
            double difference = Runtime.Difference(expected, read.Predict(x));
            Assert.True(difference <= 1e-5, $"{name}, {format}: differs by {difference:g3}.");
        }
    }

    [Theory]
    [InlineData("densenet121/torch_13.onnx")]
    [InlineData("googlenet/caffe2.onnx")]
    [InlineData("mobilenet-v2/torch_17.onnx")]
    [InlineData("resnet18/torch_13.onnx")]
    [InlineData("squeezenet/torch_7.onnx")]
    [InlineData("vgg16/torch_13.onnx")]
    public void Every_format_keeps_a_new_head_on_all_stages(string name)
    {
        Session.Clear();
        using var folder = new TempFolder();
        Model network = OnnxFile.Import(PretrainedFiles.Extract(name, folder)).Model;
        Model model = ModelTrunk.Of(network).WithStages().WithHead(7, hidden: 8);
        NDArray x = RoundTrip.Inputs(model, batch: 2)[0];
        NDArray expected = model.Predict(x);
        foreach (ModelFormat format in ModelFormats.All.Where(f => f.CanSave))
        {
            string converted = folder[format.Name == "tfjs" ? "web" : $"converted{format.Extensions[0]}"];
            format.Save(model, converted);
            // Files of weights alone are for a model of the same layers.
            Model read = format.CanLoad ? format.Load(converted).Model : Model.FromConfig(model.GetConfig());
            if (!format.CanLoad)
            {
                format.LoadWeights(read, converted);
            }
            double difference = Runtime.Difference(expected, read.Predict(x));
            Assert.True(difference <= 1e-5, $"{name}, {format}: differs by {difference:g3}.");
        }
    }

    // The same network without its weights.
    private static Model Emptied(string path)
    {
        Model model = OnnxFile.Import(path).Model;
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues(new float[weight.Count]);
        }
        return model;
    }
}
