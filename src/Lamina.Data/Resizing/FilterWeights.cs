namespace Lamina;

/// <summary>What one axis of a resize needs: the input's length, the window on it, the output's length.</summary>
internal readonly record struct AxisKey(
    int Input,
    double Start,
    double Extent,
    int Output,
    bool Mirrored,
    Interpolation Interpolation
);

/// <summary>
/// A filter along one axis: for each output pixel the inputs that it covers and their weights, which sum to 1. Where the
/// image shrinks the triangle of <see cref="Interpolation.Bilinear"/> is as wide as two output pixels, which makes it
/// Pillow's antialiased BILINEAR; where it grows it spans two input pixels, which is plain bilinear interpolation.
/// </summary>
internal sealed class FilterWeights
{
    public FilterWeights(AxisKey key)
    {
        double scale = key.Extent / key.Output;
        ResampleFilter filter = ResampleFilter.Of(key.Interpolation);
        bool isNearest = key.Interpolation == Interpolation.Nearest;
        double stretch = filter.Widens ? Math.Max(scale, 1) : 1;
        double support = filter.Support * stretch;
        Overshoots = ResampleFilter.Overshoots(key.Interpolation);
        Taps = Math.Min(((int)Math.Ceiling(support) * 2) + 1, key.Input);
        Starts = new int[key.Output];
        Counts = new int[key.Output];
        Weights = new float[key.Output * Taps];
        (First, End) = (key.Input, 0);
        Span<double> row = Taps <= 256 ? stackalloc double[Taps] : new double[Taps];
        for (int o = 0; o < key.Output; o++)
        {
            int at = key.Mirrored ? key.Output - 1 - o : o;
            double centre = key.Start + ((o + 0.5) * scale);
            if (centre < 0 || centre > key.Input)
            {
                continue;
            }
            int nearest = Math.Min((int)centre, key.Input - 1);
            int first = isNearest ? nearest : Math.Max((int)(centre - support + 0.5), 0);
            int end = isNearest ? nearest + 1 : Math.Min((int)(centre + support + 0.5), key.Input);
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                sum += row[i - first] = isNearest ? 1 : filter.Weight((i + 0.5 - centre) / stretch);
            }
            if (sum == 0)
            {
                continue;
            }
            (Starts[at], Counts[at]) = (first, end - first);
            for (int i = 0; i < end - first; i++)
            {
                Weights[(at * Taps) + i] = (float)(row[i] / sum);
            }
            (First, End) = (Math.Min(First, first), Math.Max(End, end));
            MostTaps = Math.Max(MostTaps, end - first);
        }
        Offsets = new int[key.Output];
        for (int o = 0; o < key.Output; o++)
        {
            Offsets[o] = Counts[o] > 0 ? Starts[o] - First : 0;
        }
    }

    /// <summary>Whether sums may lie outside the pixels' range and need to be cut to it.</summary>
    public bool Overshoots { get; }

    /// <summary>The length of a row of <see cref="Weights"/>.</summary>
    public int Taps { get; }

    /// <summary>The most inputs that any output covers; beyond what an output covers its weights are 0.</summary>
    public int MostTaps { get; }

    /// <summary>For each output, the first input that it covers, counted from <see cref="First"/>.</summary>
    public int[] Offsets { get; }

    /// <summary>For each output, the first input that it covers.</summary>
    public int[] Starts { get; }

    /// <summary>For each output, how many inputs it covers; 0 outside the image, which is black.</summary>
    public int[] Counts { get; }

    /// <summary>(outputs, taps).</summary>
    public float[] Weights { get; }

    /// <summary>The first input that any output covers.</summary>
    public int First { get; }

    /// <summary>One past the last input that any output covers; at most <see cref="First"/> if none is.</summary>
    public int End { get; }

    /// <summary>The weights of one output.</summary>
    public ReadOnlySpan<float> Row(int output) => Weights.AsSpan(output * Taps, Counts[output]);
}
