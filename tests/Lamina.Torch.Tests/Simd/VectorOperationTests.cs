namespace Lamina.Torch.Tests.Simd;

/// <summary>
/// Each operation of the vectors against scalar arithmetic, with NaN and infinity. Nothing here needs libtorch, so that these
/// tests also run where there is none (tests/neon/run.sh).
/// </summary>
public unsafe class VectorOperationTests
{
    private static readonly float[] s_special =
    [
        0,
        -0f,
        1,
        -1,
        .5f,
        -2.75f,
        6,
        255.5f,
        float.NaN,
        float.PositiveInfinity,
        float.NegativeInfinity,
        float.Epsilon,
        -3e-39f,
        float.MaxValue,
        3,
        -7,
    ];

    [Fact]
    public void Floats_are_computed_as_by_scalars() => VectorWidths.Run(new Floats());

    [Fact]
    public void Integers_are_computed_as_by_scalars()
    {
        Integers<Integers128>();
        Integers<Integers256>();
        Integers<Integers512>();
    }

    [Fact]
    public void Sums_become_bytes_to_the_nearest_even()
    {
        Scaled<Integers128>();
        Scaled<Integers256>();
        Scaled<Integers512>();
    }

    private static void Integers<TVector>()
        where TVector : unmanaged, IIntegers<TVector>
    {
        int n = TVector.Count;
        var random = new Random(n);
        int* x = stackalloc int[16];
        int* y = stackalloc int[16];
        int* z = stackalloc int[16];
        int* result = stackalloc int[16];
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < n; i++)
            {
                x[i] = Drawn(random);
                y[i] = Drawn(random);
                z[i] = Drawn(random);
            }
            (TVector a, TVector b, TVector c) = (TVector.Load(x), TVector.Load(y), TVector.Load(z));
            short* p = (short*)x;
            short* q = (short*)y;
            Check(TVector.MultiplyAdd(a, b, c), i => z[i] + (p[2 * i] * q[2 * i]) + (p[(2 * i) + 1] * q[(2 * i) + 1]));
            Check(a + b, i => x[i] + y[i]);
            Check(a - b, i => x[i] - y[i]);
            Check(a * b, i => x[i] * y[i]);
            Check(a << 3, i => x[i] << 3);
            Check(a >> 5, i => x[i] >> 5);
            Check(TVector.Create(x[0]), _ => x[0]);
            CheckShorts(TVector.AddShorts(a, b), i => (short)(p[i] + q[i]));
            CheckShorts(TVector.SubtractShorts(a, b), i => (short)(p[i] - q[i]));
            CheckShorts(TVector.ShiftShorts(a, 2), i => (short)(p[i] << 2));
            CheckShorts(TVector.Widen((byte*)x), i => ((byte*)x)[i]);
            CheckShorts(TVector.Pairs((sbyte*)x, (sbyte*)y), i => ((sbyte*)(i % 2 == 0 ? x : y))[i / 2]);
        }

        void Check(TVector vector, Func<int, int> expected)
        {
            vector.Store(result);
            for (int i = 0; i < n; i++)
            {
                Assert.Equal(expected(i), result[i]);
            }
        }

        void CheckShorts(TVector vector, Func<int, short> expected)
        {
            vector.Store(result);
            for (int i = 0; i < 2 * n; i++)
            {
                Assert.Equal(expected(i), ((short*)result)[i]);
            }
        }
    }

    private static int Drawn(Random random) =>
        random.Next(8) switch
        {
            0 => int.MinValue,
            1 => unchecked((int)0x80008000),
            2 => 0x7fff7fff,
            3 => 0,
            _ => (int)random.NextInt64(int.MinValue, 1L + int.MaxValue),
        };

    private static void Scaled<TVector>()
        where TVector : unmanaged, IIntegers<TVector>
    {
        int* sums = stackalloc int[16];
        float* multiplier = stackalloc float[16];
        float* offset = stackalloc float[16];
        byte* bytes = stackalloc byte[16];
        float* floats = stackalloc float[16];
        for (int start = -20; start < 700; start += TVector.Count)
        {
            for (int i = 0; i < TVector.Count; i++)
            {
                sums[i] = start + i == 699 ? int.MaxValue : start + i;
                multiplier[i] = i % 3 == 2 ? -.25f : .5f;
                offset[i] = i % 5;
            }
            TVector vector = TVector.Load(sums);
            vector.StoreScaled(bytes, multiplier, offset);
            vector.StoreScaled(floats, multiplier, offset, relu: start % 2 == 0);
            for (int i = 0; i < TVector.Count; i++)
            {
                float exact = MathF.FusedMultiplyAdd(sums[i], multiplier[i], offset[i]);
                Assert.Equal((byte)MathF.Round(Math.Clamp(exact, 0, 255)), bytes[i]);
                Assert.Equal(start % 2 == 0 ? Math.Max(exact, 0) : exact, floats[i]);
            }
        }
    }

    private sealed class Floats : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            float* x = stackalloc float[16];
            float* y = stackalloc float[16];
            short* halves = stackalloc short[16];
            for (int shift = 0; shift < s_special.Length; shift++)
            {
                for (int i = 0; i < 16; i++)
                {
                    x[i] = s_special[i];
                    y[i] = s_special[(i + shift) % s_special.Length];
                    // Exponents above the finite ones are never stored.
                    halves[i] = BitConverter.HalfToInt16Bits(
                        (Half)(float.IsFinite(y[i]) ? Math.Clamp(y[i], -9e4f, 6e4f) : 1)
                    );
                    halves[i] = Half.IsFinite(BitConverter.Int16BitsToHalf(halves[i])) ? halves[i] : (short)0;
                }
                for (int at = 0; at < 16; at += TVector.Count)
                {
                    float* a = x + at;
                    float* b = y + at;
                    short* h = halves + at;
                    (TVector u, TVector v) = (TVector.Load(a), TVector.Load(b));
                    Check(u + v, i => a[i] + b[i]);
                    Check(u - v, i => a[i] - b[i]);
                    Check(u * v, i => a[i] * b[i]);
                    Check(TVector.Max(u, v), i => Math.Max(a[i], b[i]));
                    Check(TVector.AtMost(u, TVector.Create(6)), i => float.IsNaN(a[i]) ? a[i] : Math.Min(a[i], 6));
                    Check(TVector.WherePositive(u, v), i => b[i] <= 0 ? 0 : a[i]);
                    Check(TVector.WhereBits(u, 0x5a5a), i => ((0x5a5a >> i) & 1) == 1 ? a[i] : 0);
                    Check(TVector.Widen(h), i => MathF.ScaleB((float)BitConverter.Int16BitsToHalf(h[i]), -112));
                    Check(TVector.WidenUpper(h), i => BitConverter.Int32BitsToSingle(h[i] << 16));
                    Check(TVector.Create(b[0]), _ => b[0]);
                }
            }
        }

        private static void Check<TVector>(TVector vector, Func<int, float> expected)
            where TVector : unmanaged, IFloats<TVector>
        {
            float* result = stackalloc float[16];
            vector.Store(result);
            for (int i = 0; i < TVector.Count; i++)
            {
                Assert.Equal(expected(i), result[i]);
            }
        }
    }
}
