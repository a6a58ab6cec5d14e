using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Formats.Tests.Tfjs;

/// <summary>Convolutions in groups, which tfjs's layers do not have, become layers that it has.</summary>
public sealed class TfjsGroupsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Groups_are_kernels_of_zeros_or_depthwise_convolutions()
    {
        Model model = Network();
        TfjsFile.Save(model, _folder["web"]);
        JsonObject root = JsonNode.Parse(File.ReadAllText(_folder["web/model.json"]))!.AsObject();
        JsonArray layers = root["modelTopology"]!["model_config"]!["config"]!["layers"]!.AsArray();
        Assert.All(layers, l => Assert.True(l!["config"]!["groups"] is null || (int)l["config"]!["groups"]! == 1));
        JsonNode deep = layers.Single(l => (string)l!["config"]!["name"]! == "deep")!;
        Assert.Equal("DepthwiseConv2D", (string)deep["class_name"]!);
        Assert.Equal((2, null), ((int)deep["config"]!["depth_multiplier"]!, deep["config"]!["filters"]));
        // What tfjs's layers build: all channels, and (height, width, channels, multiplier).
        Assert.Equal([3, 3, 4, 6], ShapeOf(root, "pair/kernel"));
        Assert.Equal([3, 3, 6, 2], ShapeOf(root, "deep/depthwise_kernel"));

        float[] pair = model.GetLayer("pair").Weights[0].GetValues();
        Model read = TfjsFile.Load(_folder["web"]);
        Assert.IsType<DepthwiseConv2D>(read.GetLayer("deep"));
        Assert.Equal(model.GetLayer("deep").Weights[0].GetValues(), read.GetLayer("deep").Weights[0].GetValues());
        float[] all = read.GetLayer("pair").Weights[0].GetValues();
        for (int i = 0; i < all.Length; i++)
        {
            (int tap, int channel, int filter) = (i / 24, i / 6 % 4, i % 6);
            // Two channels and three filters are of each group.
            float expected = channel / 2 == filter / 3 ? pair[(((tap * 2) + (channel % 2)) * 6) + filter] : 0;
            Assert.Equal(expected, all[i]);
        }
        Model other = Network();
        other.Weights.ToList().ForEach(w => w.SetValues(new float[w.Count]));
        TfjsFile.LoadWeights(other, _folder["web"]);
        Assert.All(model.Weights.Zip(other.Weights), p => Assert.Equal(p.First.GetValues(), p.Second.GetValues()));
    }

    [Fact]
    public void A_kernel_between_groups_does_not_fit_a_model_of_groups()
    {
        Session.Clear();
        Symbol input = Input(8, 8, 4);
        var whole = new Model([input], [Conv2D(6, 3, name: "pair")(input)]);
        TfjsFile.Save(whole, _folder["web"]);
        Session.Clear();
        Symbol again = Input(8, 8, 4);
        var groups = new Model([again], [Conv2D(6, 3, groups: 2, name: "pair")(again)]);
        string message = Assert.Throws<ModelFileException>(() => TfjsFile.LoadWeights(groups, _folder["web"])).Message;
        Assert.Contains(
            "connects channels that pair (Conv2D) keeps apart in 2 groups",
            message,
            StringComparison.Ordinal
        );
    }

    private static Model Network()
    {
        Session.Clear();
        Session.SetRandomSeed(5);
        Symbol input = Input(8, 8, 4);
        Symbol x = Conv2D(6, 3, groups: 2, activation: "relu", name: "pair")(input);
        x = Conv2D(12, 3, padding: "same", groups: 6, name: "deep")(x);
        return new Model([input], [Dense(3, name: "head")(GlobalAveragePooling2D()(x))]);
    }

    private static int[] ShapeOf(JsonObject root, string name) =>
        [
            .. root["weightsManifest"]![0]!["weights"]!.AsArray().Single(w => (string)w!["name"]! == name)!["shape"]!
                .AsArray()
                .Select(d => (int)d!),
        ];
}
