namespace Lamina.Runs.Tests.Transfer;

/// <summary>Networks that others trained: what is known of them, and files that are not theirs.</summary>
public sealed class PretrainedNetworkTests
{
    [Fact]
    public void Each_network_says_what_a_user_must_know() =>
        Assert.All(
            PretrainedNetwork.All,
            n =>
            {
                Assert.NotEqual("", n.License);
                Assert.True(n.Bytes > 1_000_000);
                Assert.Matches("^([0-9a-f]{8}|[0-9a-f]{64})$", n.Sha256);
                Assert.NotEmpty(n.Places);
                Assert.Same(n, PretrainedNetwork.Get(n.Name));
            }
        );

    [Fact]
    public void An_unknown_name_and_a_swapped_or_missing_file_are_each_one_line()
    {
        string unknown = Assert.Throws<LaminaException>(() => PretrainedNetwork.Get("resnet19")).Message;
        Assert.Equal(
            "'resnet19' is not a known pretrained network: resnet18, alexnet. Use starting weights for the file of another.",
            unknown
        );
        using var folder = new TempFolder();
        File.WriteAllText(folder["ResNet18.onnx"], "another file");
        PretrainedNetwork network = PretrainedNetwork.Get("resnet18");
        string swapped = Assert.Throws<LaminaException>(() => network.Weights(folder["ResNet18.onnx"])).Message;
        Assert.Contains("is not the file of resnet18, or is damaged", swapped, StringComparison.Ordinal);
        string missing = Assert.Throws<LaminaException>(() => network.Weights(folder["none.onnx"])).Message;
        Assert.StartsWith(folder["none.onnx"], missing, StringComparison.Ordinal);
        Assert.All((string[])[unknown, swapped, missing], m => Assert.DoesNotContain('\n', m));
    }
}
