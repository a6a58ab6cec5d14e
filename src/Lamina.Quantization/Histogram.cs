namespace Lamina.Quantization;

/// <summary>How often magnitudes occur, from 0 to a limit that doubles when a larger one comes.</summary>
internal sealed class Histogram
{
    /// <summary>Bins; after a doubling, half of them are as fine as before.</summary>
    public const int Bins = 4096;

    // Below it, bins a unit would be infinite.
    private const float SmallestLimit = 1e-30f;

    private readonly long[] _counts = new long[Bins];
    private float _limit;
    private float _perBin;

    /// <summary>The counts.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The width of a bin; 0 while nothing but 0 was seen.</summary>
    public double Width => (double)_limit / Bins;

    /// <summary>The largest magnitude.</summary>
    public float Largest { get; private set; }

    /// <summary>How many values were seen.</summary>
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
