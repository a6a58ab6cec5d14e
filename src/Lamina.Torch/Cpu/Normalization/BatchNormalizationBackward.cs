using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes batch normalization's backward pass over rows of channels, in place: ∂x = γ·σ⁻¹·(g − mean(g) −
/// x̂·mean(g·x̂)) overwrites g, so that no third tensor of the size of the images exists. Sums are over fixed blocks of
/// rows, added in order: the same bits for any number of threads.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class BatchNormalizationBackward<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    private const int Rows = 256;
    private const int MostOnStack = 1024;

    /// <summary>Overwrites the gradient by ∂x, and returns ∂γ and ∂β.</summary>
    /// <param name="x">The input, (…, C).</param>
    /// <param name="gradient">The output's gradient, of the same sizes; replaced by the input's gradient.</param>
    /// <param name="gamma">The scale, or <see langword="null"/>.</param>
    /// <param name="mean">The batch's means.</param>
    /// <param name="inverseStd">1/√(variance + epsilon) of the batch.</param>
    /// <param name="wantsInput">
    /// <see langword="true"/> to compute the input's gradient; <see langword="false"/> to leave the gradient unchanged.
    /// </param>
    /// <param name="shared">
    /// The ranks that have the other rows of the batch, and the rows of all; <see langword="null"/> if all rows are here.
    /// ∂γ and ∂β stay those of the rows that are here.
    /// </param>
    public static (Tensor Gamma, Tensor Beta) Run(
        Tensor x,
        Tensor gradient,
        Tensor? gamma,
        Tensor mean,
        Tensor inverseStd,
        bool wantsInput,
        (SharedStatistics Ranks, long Rows)? shared = null
    )
    {
        var channels = (int)x.Sizes[^1];
        long rows = x.Count / channels;
        long blocks = (rows + Rows - 1) / Rows;
        Tensor ofGamma = Tensor.Empty([channels]);
        Tensor ofBeta = Tensor.Empty([channels]);
        using Tensor factors = Tensor.Empty([3, channels]);
        var sums = (float*)NativeMemory.Alloc((nuint)(blocks * 2 * channels), sizeof(float));
        try
        {
            float* written = wantsInput ? gradient.WriteData() : gradient.ReadData;
            var work = new Work(x.ReadData, written, mean.ReadData, sums, factors.WriteData(), rows, channels);
            ElementLoop.Run(blocks, &SumBlocks, &work, work.Grain);
            Span<double> totals = channels <= MostOnStack ? stackalloc double[2 * channels] : new double[2 * channels];
            totals.Clear();
            AddBlocks(sums, blocks, totals);
            WriteWeightGradients(totals, inverseStd, ofGamma, ofBeta);
            if (shared is var (ranks, all))
            {
                ranks.Add(totals);
                rows = all;
            }
            SetFactors(work, totals, inverseStd, gamma, rows);
            if (wantsInput)
            {
                ElementLoop.Run(blocks, &WriteBlocks, &work, work.Grain);
            }
        }
        finally
        {
            NativeMemory.Free(sums);
        }
        GC.KeepAlive(x);
        GC.KeepAlive(mean);
        GC.KeepAlive(inverseStd);
        GC.KeepAlive(gamma);
        return (ofGamma, ofBeta);
    }

    private static void AddBlocks(float* sums, long blocks, Span<double> totals)
    {
        for (int i = 0; i < totals.Length; i++)
        {
            for (long block = 0; block < blocks; block++)
            {
                totals[i] += sums[(block * totals.Length) + i];
            }
        }
    }

    private static void WriteWeightGradients(
        ReadOnlySpan<double> totals,
        Tensor inverseStd,
        Tensor ofGamma,
        Tensor ofBeta
    )
    {
        int channels = totals.Length / 2;
        Span<float> ofGammaValues = ofGamma.WriteSpan();
        Span<float> ofBetaValues = ofBeta.WriteSpan();
        for (int c = 0; c < channels; c++)
        {
            ofBetaValues[c] = (float)totals[c];
            ofGammaValues[c] = (float)(totals[channels + c] * inverseStd.ReadData[c]);
        }
    }

    private static void SetFactors(
        in Work work,
        ReadOnlySpan<double> totals,
        Tensor inverseStd,
        Tensor? gamma,
        long rows
    )
    {
        int channels = work.Channels;
        for (int c = 0; c < channels; c++)
        {
            double inverse = inverseStd.ReadData[c];
            double scale = inverse * (gamma is null ? 1 : gamma.ReadData[c]);
            work.Factors[c] = (float)scale;
            work.Factors[channels + c] = (float)(-scale * inverse * inverse * totals[channels + c] / rows);
            work.Factors[(2 * channels) + c] = (float)(-scale * totals[c] / rows);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumBlocks(long begin, long end, void* context)
    {
        Work k = *(Work*)context;
        for (long block = begin; block < end; block++)
        {
            long first = block * Rows;
            long last = Math.Min(first + Rows, k.Count);
            float* gradients = k.Sums + (block * 2 * k.Channels);
            float* products = gradients + k.Channels;
            int c = 0;
            for (; c <= k.Channels - (2 * TVector.Count); c += 2 * TVector.Count)
            {
                TVector mean0 = TVector.Load(k.Mean + c);
                TVector mean1 = TVector.Load(k.Mean + c + TVector.Count);
                TVector sum0 = default;
                TVector sum1 = default;
                TVector product0 = default;
                TVector product1 = default;
                for (long row = first; row < last; row++)
                {
                    long at = (row * k.Channels) + c;
                    TVector g0 = TVector.Load(k.Gradient + at);
                    TVector g1 = TVector.Load(k.Gradient + at + TVector.Count);
                    sum0 += g0;
                    sum1 += g1;
                    product0 += g0 * (TVector.Load(k.X + at) - mean0);
                    product1 += g1 * (TVector.Load(k.X + at + TVector.Count) - mean1);
                }
                sum0.Store(gradients + c);
                sum1.Store(gradients + c + TVector.Count);
                product0.Store(products + c);
                product1.Store(products + c + TVector.Count);
            }
            for (; c < k.Channels; c++)
            {
                double sum = 0;
                double product = 0;
                for (long row = first; row < last; row++)
                {
                    long at = (row * k.Channels) + c;
                    sum += k.Gradient[at];
                    product += k.Gradient[at] * (k.X[at] - k.Mean[c]);
                }
                gradients[c] = (float)sum;
                products[c] = (float)product;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteBlocks(long begin, long end, void* context)
    {
        Work k = *(Work*)context;
        float* ofGradient = k.Factors;
        float* ofInput = k.Factors + k.Channels;
        float* constant = k.Factors + (2 * k.Channels);
        for (long row = begin * Rows; row < Math.Min(end * Rows, k.Count); row++)
        {
            float* x = k.X + (row * k.Channels);
            float* g = k.Gradient + (row * k.Channels);
            int c = 0;
            for (; c <= k.Channels - TVector.Count; c += TVector.Count)
            {
                TVector centered = TVector.Load(x + c) - TVector.Load(k.Mean + c);
                TVector result =
                    (TVector.Load(g + c) * TVector.Load(ofGradient + c))
                    + (centered * TVector.Load(ofInput + c))
                    + TVector.Load(constant + c);
                result.Store(g + c);
            }
            for (; c < k.Channels; c++)
            {
                g[c] = (g[c] * ofGradient[c]) + ((x[c] - k.Mean[c]) * ofInput[c]) + constant[c];
            }
        }
    }

    private readonly struct Work(
        float* x,
        float* gradient,
        float* mean,
        float* sums,
        float* factors,
        long count,
        int channels
    )
    {
        public readonly float* X = x;
        public readonly float* Gradient = gradient;
        public readonly float* Mean = mean;
        public readonly float* Sums = sums;
        public readonly float* Factors = factors;
        public readonly long Count = count;
        public readonly int Channels = channels;

        /// <summary>The number of blocks that is worth another thread.</summary>
        public long Grain => Math.Max(1, ElementLoop.Grain / (Rows * Channels));
    }
}
