namespace Lamina.Torch.Tests.Simd;

/// <summary>
/// Winograd's algorithm on one tile of 6×6 pixels against the direct sums: in integers exactly, in float32 within rounding.
/// Nothing here needs libtorch (tests/neon/run.sh).
/// </summary>
public unsafe class TileTransformTests
{
    private const int Size = TileScheme.Size;
    private const int Points = TileScheme.Points;

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public void A_tile_of_bytes_is_exact(int taps, bool largest)
    {
        Exact<Integers128>(taps, largest);
        Exact<Integers256>(taps, largest);
        Exact<Integers512>(taps, largest);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void A_tile_of_floats_is_the_sum_within_rounding(int taps) => VectorWidths.Run(new Rounded(taps));

    // Largest: all pixels 255 and all weights 127.
    private static void Exact<TVector>(int taps, bool largest)
        where TVector : unmanaged, IIntegers<TVector>
    {
        TileScheme scheme = TileScheme.For(taps)!;
        int channels = 2 * TVector.Count;
        int filters = PairBlock<TVector>.PanelWidth - 1;
        var random = new Random(taps + channels);
        byte[] pixels =
        [
            .. Enumerable.Range(0, Points * channels).Select(_ => (byte)(largest ? 255 : random.Next(256))),
        ];
        sbyte[] weights =
        [
            .. Enumerable
                .Range(0, filters * taps * taps * channels)
                .Select(i => (sbyte)(largest ? (i / taps / taps / channels % 2 * 254) - 127 : random.Next(-127, 128))),
        ];
        var transform = new ByteKernelTransform<TVector>(scheme, 1, channels, filters);
        short[] kernel = transform.Pack(weights);
        var points = new short[Points * 4 * channels];
        var products = new int[Points * 4 * PairBlock<TVector>.PanelWidth];
        TVector* sums = stackalloc TVector[16];
        fixed (byte* image = pixels)
        fixed (short* a = points)
        fixed (short* b = kernel)
        fixed (int* c = products)
        {
            byte** addresses = stackalloc byte*[Points];
            for (int i = 0; i < Points; i++)
            {
                addresses[i] = image + (i * channels);
            }
            ByteTransforms<TVector>.Input(addresses, 0, a, 4 * channels);
            for (int point = 0; point < Points; point++)
            {
                short* row = a + (point * 4 * channels);
                int* to = c + (point * 4 * PairBlock<TVector>.PanelWidth);
                int high = transform.HighPart(point);
                if (high >= 0)
                {
                    Multiply(row, b + (high * transform.MatrixSize), to, SumStart.Zero);
                }
                Multiply(
                    row,
                    b + (point * transform.MatrixSize),
                    to,
                    high >= 0 ? SumStart.FourTimesSums : SumStart.Zero
                );
            }
            for (int filter = 0; filter < filters; filter++)
            {
                int lane = filter / TVector.Count * TVector.Count;
                ByteTransforms<TVector>.Output(scheme.Outputs, c + lane, 4 * PairBlock<TVector>.PanelWidth, sums);
                for (int i = 0; i < scheme.Outputs * scheme.Outputs; i++)
                {
                    int expected = Direct(
                        pixels,
                        weights,
                        taps,
                        channels,
                        filter,
                        i / scheme.Outputs,
                        i % scheme.Outputs
                    );
                    Assert.Equal(expected, ((int*)(sums + i))[filter - lane]);
                }
            }
        }

        void Multiply(short* a, short* b, int* c, SumStart start) =>
            PairBlock<TVector>.Multiply(4, a, channels, channels / 2, b, c, PairBlock<TVector>.PanelWidth, start);
    }

    private static int Direct(byte[] pixels, sbyte[] weights, int taps, int channels, int filter, int y, int x)
    {
        int sum = 0;
        for (int tap = 0; tap < taps * taps; tap++)
        {
            for (int c = 0; c < channels; c++)
            {
                int pixel = ((y + (tap / taps)) * Size) + x + (tap % taps);
                sum += pixels[(pixel * channels) + c] * weights[(((filter * taps * taps) + tap) * channels) + c];
            }
        }
        return sum;
    }

    // One channel per lane, of which each is a convolution of its own: products at the points are products of lanes.
    private sealed class Rounded(int taps) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            TileScheme scheme = TileScheme.For(taps)!;
            var random = new Random(taps);
            int lanes = TVector.Count;
            float[] pixels = [.. Enumerable.Range(0, Points * lanes).Select(_ => random.NextSingle() - .5f)];
            float[] kernel = [.. Enumerable.Range(0, taps * taps).Select(_ => random.NextSingle() - .5f)];
            var points = new float[Points * lanes];
            var result = new float[16 * lanes];
            fixed (float* image = pixels)
            fixed (float* p = points)
            fixed (float* r = result)
            {
                float** addresses = stackalloc float*[Points];
                for (int i = 0; i < Points; i++)
                {
                    addresses[i] = image + (i * lanes);
                }
                TileTransforms<TVector>.Input(addresses, 0, p, lanes);
                for (int i = 0; i < points.Length; i++)
                {
                    points[i] *= (float)At(scheme, kernel, i / lanes / Size, i / lanes % Size);
                }
                TileTransforms<TVector>.Output(scheme.Outputs, p, lanes, r);
            }
            for (int i = 0; i < scheme.Outputs * scheme.Outputs * lanes; i++)
            {
                (int y, int x) = (i / lanes / scheme.Outputs, i / lanes % scheme.Outputs);
                double expected = 0;
                for (int tap = 0; tap < taps * taps; tap++)
                {
                    int pixel = ((y + (tap / taps)) * Size) + x + (tap % taps);
                    expected += (double)pixels[(pixel * lanes) + (i % lanes)] * kernel[tap];
                }
                Assert.Equal(expected, result[i], 1e-5);
            }
        }

        private double At(TileScheme scheme, float[] kernel, int y, int x)
        {
            double sum = 0;
            for (int tap = 0; tap < taps * taps; tap++)
            {
                sum +=
                    (double)kernel[tap]
                    * scheme.KernelMatrix[(y * taps) + (tap / taps)]
                    * scheme.KernelMatrix[(x * taps) + (tap % taps)];
            }
            return sum;
        }
    }
}
