namespace Lamina.Torch.Tests.Kernels;

public class ConvolutionCostsTests
{
    [Fact]
    public void The_text_keeps_the_rates()
    {
        var costs = new ConvolutionCosts(7.25e9, 3e10, 95.5);
        Assert.Equal(costs, ConvolutionCosts.Parse(costs.ToString()));
        Assert.Equal(ConvolutionCosts.Default, ConvolutionCosts.Parse(null));
        Assert.Equal(ConvolutionCosts.Default, ConvolutionCosts.Parse(""));
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("1e9,2e9")]
    [InlineData("1e9,2e9,3,4")]
    [InlineData("1e9,-2e9,3")]
    [InlineData("1e9,0,3")]
    [InlineData("1e9,NaN,3")]
    [InlineData("1e9,Infinity,3")]
    [InlineData("1e9,,3")]
    public void Other_texts_are_refused_in_one_line(string text)
    {
        string message = Assert.Throws<LaminaException>(() => ConvolutionCosts.Parse(text)).Message;
        Assert.StartsWith("LAMINA_CONVOLUTION_COSTS is ", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Rates_decide_the_algorithm()
    {
        (Shape input, Shape kernel) = (Shape.Of(1, 14, 14, 64), Shape.Of(3, 3, 64, 64));
        var op = new ConvolutionOp(1, new Pads2(1, 1, 1, 1), 1, 1);
        // Transforms that cost nothing, and transforms that cost everything.
        Assert.Equal("WinogradConvolution`1", Chosen(0.001));
        Assert.Equal("TileConvolution`1", Chosen(1e9));

        string Chosen(double transforms) =>
            new ConvolutionChoice<Floats128>(
                op,
                input,
                kernel,
                input,
                ConvolutionCosts.Default with
                {
                    TransformCost = transforms,
                }
            )
                .For(8)!
                .GetType()
                .Name;
    }
}
