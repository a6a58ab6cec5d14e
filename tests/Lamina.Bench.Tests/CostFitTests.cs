using Lamina.Torch.Cpu;

namespace Lamina.Bench.Tests;

public class CostFitTests
{
    [Fact]
    public void RatesThatMadeTheTimesAreFound()
    {
        var truth = new ConvolutionCosts(9e9, 12e9, 75);
        CostSample[] samples =
        [
            .. from products in (double[])[1e7, 1e9]
            from transforms in (double[])[0, 2e5, 4e6]
            from bytes in (double[])[1e5, 3e7]
            select new CostSample(products, transforms, bytes, truth.Seconds(products, transforms, bytes, 8)),
        ];
        ConvolutionCosts found = CostFit.Of(samples, 8);
        Assert.Equal(1, found.MultiplyAdds / truth.MultiplyAdds, 0.02);
        Assert.Equal(1, found.MemoryBytes / truth.MemoryBytes, 0.02);
        Assert.Equal(1, found.TransformCost / truth.TransformCost, 0.02);
    }
}
