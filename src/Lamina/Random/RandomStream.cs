using System.Runtime.CompilerServices;

namespace Lamina;

/// <summary>The purpose of a random draw. It is part of the key, so that no two purposes share numbers.</summary>
public enum RandomPurpose
{
    /// <summary>The initial values of weights.</summary>
    Initializer = 1,

    /// <summary>The order of samples in an epoch.</summary>
    Shuffle = 2,

    /// <summary>The random changes of an image.</summary>
    Augmentation = 3,

    /// <summary>The dropout masks.</summary>
    Dropout = 4,

    /// <summary>The split of a data set.</summary>
    Split = 5,

    /// <summary>The mixing of the samples of a batch.</summary>
    Mixing = 6,

    /// <summary>The random values that layers draw in training.</summary>
    Layer = 7,

    /// <summary>The values of hyperparameters.</summary>
    Tuning = 8,

    /// <summary>Any purpose of the caller.</summary>
    User = 100,
}

/// <summary>
/// A counter-based generator: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A
/// stream is identified by (seed, purpose, step, index) and needs no state from any other, so that the same seed
/// reproduces the same run in any order and from any point.
/// </summary>
public struct RandomStream
{
    private readonly uint _key0;
    private readonly uint _key1;
    private readonly uint _index;
    private readonly uint _step;
    private ulong _block;
    private Words _words;
    private int _used;

    /// <summary>Opens the stream with this key at its start.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">The purpose of the numbers.</param>
    /// <param name="step">The step or epoch; only its low 32 bits are used.</param>
    /// <param name="index">The index of the weight, image or op; only its low 32 bits are used.</param>
    public RandomStream(long seed, RandomPurpose purpose, long step = 0, long index = 0)
    {
        ulong key = Mix((ulong)seed ^ Mix((ulong)purpose));
        (_key0, _key1) = ((uint)key, (uint)(key >> 32));
        (_index, _step) = ((uint)index, (uint)step);
        _used = 4;
    }

    /// <summary>Returns 32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_used == 4)
        {
            Vector4U v = Block(_block++, _index, _step, _key0, _key1);
            (_words[0], _words[1], _words[2], _words[3]) = (v.A, v.B, v.C, v.D);
            _used = 0;
        }
        return _words[_used++];
    }

    /// <summary>Returns a number in [0, 1), a multiple of 2⁻²⁴.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>Returns a number in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => ((((ulong)NextUInt32() << 32) | NextUInt32()) >> 11) * (1.0 / (1ul << 53));

    /// <summary>Returns a uniformly distributed integer from 0 to below <paramref name="bound"/>.</summary>
    /// <param name="bound">The upper bound, excluded; at least 1.</param>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        // Lemire's method: the low half of the product says whether the draw falls in the uneven rest.
        uint limit = (uint)bound;
        ulong product = (ulong)NextUInt32() * limit;
        if ((uint)product < limit)
        {
            uint rest = (0u - limit) % limit;
            while ((uint)product < rest)
            {
                product = (ulong)NextUInt32() * limit;
            }
        }
        return (int)(product >> 32);
    }

    /// <summary>Returns a draw from the standard normal distribution, by the method of Box and Muller.</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>
    /// Returns a draw from the beta distribution, the share of one gamma draw in the sum of two. It is computed from the
    /// draws' logarithms, so that small parameters, where both underflow, keep their exact distribution.
    /// </summary>
    /// <param name="alpha">The first parameter, from 10⁻⁶ to 10⁶; the mean is α / (α + β).</param>
    /// <param name="beta">The second parameter, in the same range.</param>
    /// <returns>A number from 0 to 1, both included.</returns>
    public double NextBeta(double alpha, double beta)
    {
        RequireBetaParameter(alpha, nameof(alpha));
        RequireBetaParameter(beta, nameof(beta));
        double first = NextLogGamma(alpha);
        return 1 / (1 + Math.Exp(NextLogGamma(beta) - first));
    }

    private static void RequireBetaParameter(double value, string name)
    {
        if (!(value is >= 1e-6 and <= 1e6))
        {
            throw new ArgumentOutOfRangeException(name, value, "It must be from 1e-6 to 1e6.");
        }
    }

    /// <summary>
    /// Returns the logarithm of a gamma draw of scale 1, by the rejection method of Marsaglia and Tsang (ACM TOMS 26,
    /// 2000). For a shape below 1, a draw of shape + 1 is multiplied by U^(1 / shape), as in their section 6.
    /// </summary>
    private double NextLogGamma(double shape)
    {
        if (shape < 1)
        {
            return NextLogGamma(shape + 1) + (Math.Log(1 - NextDouble()) / shape);
        }
        double d = shape - (1 / 3.0);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextNormal();
            double root = 1 + (c * x);
            if (root <= 0)
            {
                continue;
            }
            double v = root * root * root;
            if (Math.Log(1 - NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return Math.Log(d * v);
            }
        }
    }

    /// <summary>Shuffles the items by the method of Fisher and Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The words that identify this stream in <see cref="Block"/>.</summary>
    internal readonly (uint Index, uint Step, uint Key0, uint Key1) Name => (_index, _step, _key0, _key1);

    /// <summary>Returns the four words that the generator produces for one counter and key.</summary>
    internal static Vector4U Block(ulong block, uint c2, uint c3, uint k0, uint k1)
    {
        uint c0 = (uint)block;
        uint c1 = (uint)(block >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)c0 * 0xD2511F53u;
            ulong p1 = (ulong)c2 * 0xCD9E8D57u;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return new Vector4U(c0, c1, c2, c3);
    }

    /// <summary>Spreads a key's bits (the finalizer of SplitMix64).</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15ul;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ul;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBul;
        return z ^ (z >> 31);
    }

    internal readonly record struct Vector4U(uint A, uint B, uint C, uint D);

    [InlineArray(4)]
    private struct Words
    {
        private uint _first;
    }
}
