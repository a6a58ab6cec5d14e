using static Lamina.Layers;

namespace Lamina.ZooTests;

/// <summary>Summaries against the text that Keras printed.</summary>
public class SummaryTests
{
    [Fact]
    public void Listing_after_walkthrough_prints_the_documents_summary()
    {
        Session.Clear();
        Zoo.Walkthrough();
        var output = new StringWriter();
        Zoo.Listing().Summary(output);
        Assert.Equal(Golden("seed-summary.txt"), output.ToString());
    }

    [Fact]
    public void Keras3_boxes_the_walkthrough()
    {
        Session.Clear();
        Assert.Equal(Golden("walkthrough-keras3.txt"), ModelSummary.ToText(Zoo.Walkthrough(), SummaryStyle.Keras3));
    }

    [Theory]
    [InlineData(SummaryStyle.Keras2, "branches-keras2.txt")]
    [InlineData(SummaryStyle.Keras3, "branches-keras3.txt")]
    public void Branches_say_what_they_are_connected_to(SummaryStyle style, string golden)
    {
        Session.Clear();
        Symbol input = Input(32, 32, 3);
        Symbol a = Conv2D(8, 3, padding: "same", activation: "relu")(input);
        Symbol b = Conv2D(8, 1)(input);
        Symbol sum = Add()(a, b);
        Symbol all = Concatenate()(sum, a, b);
        Symbol output = Dense(10)(GlobalAveragePooling2D()(all));
        Assert.Equal(Golden(golden), ModelSummary.ToText(Model(input, output), style));
    }

    [Fact]
    public void A_layer_applied_twice_is_one_row_and_its_weights_count_once()
    {
        Session.Clear();
        Symbol input = Input(4);
        Call<Dense> dense = Dense(4);
        string text = ModelSummary.ToText(Model(input, dense(dense(input))));
        string row = Assert.Single(text.Split('\n'), l => l.StartsWith(" dense ", StringComparison.Ordinal));
        Assert.EndsWith("20          ['input_1[0][0]',                ", row, StringComparison.Ordinal);
        Assert.Contains("  'dense[0][0]']", text, StringComparison.Ordinal);
        Assert.Contains("Total params: 20\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SummaryStyle.Keras2)]
    [InlineData(SummaryStyle.Keras3)]
    public void Lines_too_short_are_refused(SummaryStyle style)
    {
        Symbol input = Input(4);
        Model model = Model(input, Dense(1)(input));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelSummary.ToText(model, style, 10));
    }

    private static string Golden(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name)).ReplaceLineEndings("\n");
}
