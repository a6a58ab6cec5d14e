namespace Lamina.Quantization;

/// <summary>A histogram of magnitudes, from 0 to a limit that doubles when a larger one occurs.</summary>
internal sealed class Histogram
{
    /// <summary>The number of bins; after a doubling, half of them keep their resolution.</summary>
    public const int Bins = 4096;

    // Below this, the number of bins per unit would be infinite.
    private const float SmallestLimit = 1e-30f;

    private readonly long[] _counts = new long[Bins];
    private float _limit;
    private float _perBin;

    /// <summary>The counts.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The width of a bin; 0 as long as only 0 occurred.</summary>
    public double Width => (double)_limit / Bins;

    /// <summary>The largest magnitude.</summary>
    public float Largest { get; private set; }

    /// <summary>The number of values counted.</summary>
    public long Total { get; private set; }

    /// <summary>Counts a magnitude, at least 0 and finite.</summary>
    public void Add(float magnitude)
    {
        Total++;
        if (magnitude > Largest)
        {
            Largest = magnitude;
            if (magnitude > _limit)
            {
                Grow(magnitude);
            }
        }
        _counts[Math.Min((int)(magnitude * _perBin), Bins - 1)]++;
    }

    private void Grow(float magnitude)
    {
        if (_limit == 0)
        {
            _limit = Math.Max(magnitude, SmallestLimit);
        }
        while (_limit < magnitude)
        {
            for (int i = 0; i < Bins / 2; i++)
            {
                _counts[i] = _counts[2 * i] + _counts[(2 * i) + 1];
            }
            Array.Clear(_counts, Bins / 2, Bins / 2);
            _limit = Math.Min(_limit * 2, float.MaxValue);
        }
        _perBin = Bins / _limit;
    }
}
