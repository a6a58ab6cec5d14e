using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes batch normalization's forward pass over rows of channels: an affine function of each channel, by given
/// statistics or by those of the batch. Sums are over fixed blocks of rows, added in order: the same bits for any
/// number of threads.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class BatchNormalizationForward<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    private const int Rows = 256;
    private const int FewRows = 32;

    /// <summary>Computes the mean and the (biased) variance of each channel over all rows.</summary>
    /// <param name="x">The input, (…, C).</param>
    /// <param name="mean">Receives the means.</param>
    /// <param name="variance">Receives the variances.</param>
    public static void Statistics(Tensor x, Span<double> mean, Span<double> variance)
    {
        var channels = (int)x.Sizes[^1];
        long rows = x.Count / channels;
        long blocks = (rows + Rows - 1) / Rows;
        var sums = (double*)NativeMemory.Alloc((nuint)(blocks * 2 * channels), sizeof(double));
        try
        {
            var work = new SumWork(x.ReadData, sums, rows, channels);
            ElementLoop.Run(blocks, &SumBlocks, &work, Math.Max(1, ElementLoop.Grain / (Rows * channels)));
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                double squares = 0;
                for (long block = 0; block < blocks; block++)
                {
                    sum += sums[(block * 2 * channels) + c];
                    squares += sums[(((block * 2) + 1) * channels) + c];
                }
                double distance = sum / rows;
                mean[c] = x.ReadData[c] + distance;
                variance[c] = Math.Max(0, (squares / rows) - (distance * distance));
            }
        }
        finally
        {
            NativeMemory.Free(sums);
        }
        GC.KeepAlive(x);
    }

    // Sums of distances from the first row's values, so that a mean far from 0 costs no precision; a few rows at a time
    // in float32, and these in float64.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumBlocks(long begin, long end, void* context)
    {
        SumWork k = *(SumWork*)context;
        for (long block = begin; block < end; block++)
        {
            long first = block * Rows;
            long last = Math.Min(first + Rows, k.Count);
            double* sums = k.Sums + (block * 2 * k.Channels);
            new Span<double>(sums, 2 * k.Channels).Clear();
            for (; first < last; first += FewRows)
            {
                SumRows(k, first, Math.Min(first + FewRows, last), sums, sums + k.Channels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRows(in SumWork k, long first, long last, double* sums, double* squares)
    {
        int channels = k.Channels;
        float* x = k.X;
        int c = 0;
        for (; c <= channels - TVector.Count; c += TVector.Count)
        {
            TVector origin = TVector.Load(x + c);
            TVector sum = default;
            TVector square = default;
            for (long row = first; row < last; row++)
            {
                TVector distance = TVector.Load(x + (row * channels) + c) - origin;
                sum += distance;
                square += distance * distance;
            }
            sum.AddTo(sums + c);
            square.AddTo(squares + c);
        }
        for (; c < channels; c++)
        {
            for (long row = first; row < last; row++)
            {
                double distance = (double)x[(row * channels) + c] - x[c];
                sums[c] += distance;
                squares[c] += distance * distance;
            }
        }
    }

    private readonly struct SumWork(float* x, double* sums, long count, int channels)
    {
        public readonly float* X = x;
        public readonly double* Sums = sums;
        public readonly long Count = count;
        public readonly int Channels = channels;
    }

    /// <summary>Computes y = γ·(x − mean)/√(variance + epsilon) + β by given statistics.</summary>
    /// <param name="x">The input, (…, C).</param>
    /// <param name="y">Receives the output; may be the memory of the input.</param>
    /// <param name="gamma">The scale, or <see langword="null"/>.</param>
    /// <param name="beta">The shift, or <see langword="null"/>.</param>
    /// <param name="mean">The means.</param>
    /// <param name="variance">The variances.</param>
    /// <param name="epsilon">The constant added to the variances.</param>
    public static void Affine(
        Tensor x,
        Tensor y,
        Tensor? gamma,
        Tensor? beta,
        Tensor mean,
        Tensor variance,
        double epsilon
    )
    {
        var channels = (int)x.Sizes[^1];
        float* factors = Scratch.SharedFloats(3 * channels);
        for (int c = 0; c < channels; c++)
        {
            double inverseStd = 1 / Math.Sqrt(variance.ReadData[c] + epsilon);
            Set(factors + c, channels, mean.ReadData[c], inverseStd, gamma, beta, c);
        }
        Map(x, y, factors, channels);
    }

    /// <summary>Computes y = γ·(x − mean)·inverseStd + β.</summary>
    public static void Affine(
        Tensor x,
        Tensor y,
        Tensor? gamma,
        Tensor? beta,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> inverseStd
    )
    {
        int channels = mean.Length;
        float* factors = Scratch.SharedFloats(3 * channels);
        for (int c = 0; c < channels; c++)
        {
            Set(factors + c, channels, mean[c], inverseStd[c], gamma, beta, c);
        }
        Map(x, y, factors, channels);
    }

    // The mean is subtracted first: for values that are close together, x·scale − mean·scale would lose their
    // differences.
    private static void Set(
        float* factors,
        int channels,
        double mean,
        double inverseStd,
        Tensor? gamma,
        Tensor? beta,
        int channel
    )
    {
        factors[0] = (float)mean;
        factors[channels] = (float)((gamma is null ? 1 : gamma.ReadData[channel]) * inverseStd);
        factors[2 * channels] = beta is null ? 0 : beta.ReadData[channel];
    }

    private static void Map(Tensor x, Tensor y, float* factors, int channels)
    {
        var map = new AffineMap(x.ReadData, y.WriteData(), factors, channels);
        ElementLoop.Run(x.Count / channels, &AffineRows, &map, Math.Max(1, ElementLoop.Grain / channels));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AffineRows(long begin, long end, void* context)
    {
        AffineMap k = *(AffineMap*)context;
        float* mean = k.Factors;
        float* scale = mean + k.Channels;
        float* shift = scale + k.Channels;
        for (long row = begin; row < end; row++)
        {
            float* x = k.X + (row * k.Channels);
            float* y = k.Y + (row * k.Channels);
            int c = 0;
            for (; c <= k.Channels - TVector.Count; c += TVector.Count)
            {
                TVector centered = TVector.Load(x + c) - TVector.Load(mean + c);
                TVector.MultiplyAdd(centered, TVector.Load(scale + c), TVector.Load(shift + c)).Store(y + c);
            }
            for (; c < k.Channels; c++)
            {
                y[c] = MathF.FusedMultiplyAdd(x[c] - mean[c], scale[c], shift[c]);
            }
        }
    }

    private readonly struct AffineMap(float* x, float* y, float* factors, int channels)
    {
        public readonly float* X = x;
        public readonly float* Y = y;
        public readonly float* Factors = factors;
        public readonly int Channels = channels;
    }
}
