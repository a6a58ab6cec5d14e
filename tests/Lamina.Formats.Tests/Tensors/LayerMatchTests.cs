namespace Lamina.Formats.Tests.Tensors;

/// <summary>Counted names match by number and by order; where these disagree, by shape or not at all.</summary>
public class LayerMatchTests
{
    [Theory]
    [InlineData("conv2d_3 conv2d_4", "conv2d conv2d_1", "conv2d conv2d_1")]
    [InlineData("conv2d_9 conv2d_10 conv2d_11", "conv2d conv2d_1 conv2d_2", "conv2d conv2d_1 conv2d_2")]
    [InlineData("conv2d_1 conv2d_2", "conv2d_2 conv2d_3", "conv2d_2 conv2d_3")]
    [InlineData("conv2d_5 conv2d_4", "conv2d_1 conv2d", "conv2d_1 conv2d")]
    [InlineData("model_2/conv2d_4 model_3/conv2d_5", "model/conv2d model_1/conv2d_1", "model/conv2d model_1/conv2d_1")]
    [InlineData("stem conv2d_4", "conv2d stem", "stem conv2d")]
    // Exact names, in whatever order the file has them.
    [InlineData("conv2d conv2d_1", "conv2d_1 conv2d", "conv2d conv2d_1")]
    // No counted names, or too few: as they are.
    [InlineData("stem_1 stem_2", "stem stem_1", "stem_1 stem_2")]
    [InlineData("conv2d_4 conv2d_5", "conv2d conv2d_1 conv2d_2", "conv2d_4 conv2d_5")]
    [InlineData("conv2d_4", "conv2d_01", "conv2d_4")]
    [InlineData("conv2d_4", "conv2d_99999999999", "conv2d_4")]
    [InlineData("conv2d_4", "dense", "conv2d_4")]
    public void Layers_are_found(string model, string file, string expected) =>
        Assert.Equal(expected.Split(' '), Names(model, file, _ => 3));

    [Fact]
    public void A_file_that_is_sorted_by_name_matches_where_shapes_tell()
    {
        string model = string.Join(' ', Enumerable.Range(20, 12).Select(i => $"conv2d_{i}"));
        string[] saved = [.. Enumerable.Range(0, 12).Select(i => i == 0 ? "conv2d" : $"conv2d_{i}")];
        string sorted = string.Join(' ', saved.Order(StringComparer.Ordinal));
        // Layer 20 + i of the model has i + 1 filters, as layer i of the file has.
        Assert.Equal(saved, Names(model, sorted, name => name == "conv2d" ? 1 : 1 + (int.Parse(name[7..]) % 20)));
        OneLine.Error(
            () => Names(model, sorted, _ => 3),
            "f: the model's 'conv2d_22' may be 'conv2d_2' by number or 'conv2d_10' by order."
        );
    }

    [Fact]
    public void Order_decides_where_numbers_do_not_fit()
    {
        // The other program created its layers the other way round.
        static int Filters(string name) => name is "conv2d_4" or "conv2d_1" ? 1 : 2;
        Assert.Equal(["conv2d_1", "conv2d"], Names("conv2d_4 conv2d_5", "conv2d_1 conv2d", Filters));
    }

    private static string[] Names(string model, string file, Func<string, int> filters)
    {
        string[] layers = model.Split(' ');
        var match = LayerMatch.Find(
            [.. layers.Select(l => new ModelTensor(l, "kernel", [filters(l)], ["conv2d"]))],
            [.. file.Split(' ').Select(l => new StoredTensor(l, "kernel", [filters(l)]))],
            "f"
        );
        return [.. layers.Select(match.NameOf)];
    }
}
