using Lamina.Torch.Cpu;

namespace Lamina.Bench;

/// <summary>A measured convolution.</summary>
/// <param name="Products">The multiply-adds.</param>
/// <param name="Transforms">The tiles and channels that Winograd's algorithm transforms; 0 for the direct one.</param>
/// <param name="Bytes">The bytes of the packed kernel.</param>
/// <param name="Seconds">The time of one thread.</param>
internal sealed record CostSample(double Products, double Transforms, double Bytes, double Seconds);

/// <summary>Finds the rates with the least squares of the estimates' relative errors, as logarithms.</summary>
internal static class CostFit
{
    private const int Rounds = 60;

    /// <summary>Returns the rates that fit best.</summary>
    /// <param name="samples">At least one sample.</param>
    /// <param name="lanes">The elements of a vector.</param>
    public static ConvolutionCosts Of(IReadOnlyList<CostSample> samples, int lanes)
    {
        ConvolutionCosts best = ConvolutionCosts.Default;
        double error = Error(best, samples, lanes);
        double factor = 2;
        // One rate at a time by a factor, which shrinks when none improves: three rates need nothing cleverer.
        for (int i = 0; i < Rounds; i++)
        {
            ConvolutionCosts before = best;
            foreach (double by in (ReadOnlySpan<double>)[factor, 1 / factor])
            {
                foreach (
                    ConvolutionCosts tried in (ReadOnlySpan<ConvolutionCosts>)
                        [
                            best with
                            {
                                MultiplyAdds = best.MultiplyAdds * by,
                            },
                            best with
                            {
                                MemoryBytes = best.MemoryBytes * by,
                            },
                            best with
                            {
                                TransformCost = best.TransformCost * by,
                            },
                        ]
                )
                {
                    if (Error(tried, samples, lanes) is var found && found < error)
                    {
                        (best, error) = (tried, found);
                    }
                }
            }
            factor = best == before ? Math.Sqrt(factor) : factor;
        }
        return best;
    }

    private static double Error(ConvolutionCosts costs, IReadOnlyList<CostSample> samples, int lanes)
    {
        double sum = 0;
        foreach (CostSample sample in samples)
        {
            double seconds = costs.Seconds(sample.Products, sample.Transforms, sample.Bytes, lanes);
            double off = Math.Log(seconds / sample.Seconds);
            sum += off * off;
        }
        return sum;
    }
}
