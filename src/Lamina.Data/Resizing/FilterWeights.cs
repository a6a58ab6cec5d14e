namespace Lamina;

/// <summary>The parameters of resizing along one axis: input length, window, output length.</summary>
internal readonly record struct AxisKey(
    int Input,
    double Start,
    double Extent,
    int Output,
    bool Mirrored,
    Interpolation Interpolation
);

/// <summary>
/// A filter along one axis: the inputs that each output pixel covers and their weights, which sum to 1. When shrinking, the
/// triangle of <see cref="Interpolation.Bilinear"/> is two output pixels wide, which equals Pillow's antialiased BILINEAR;
/// when enlarging, it spans two input pixels, which is plain bilinear interpolation.
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
            double center = key.Start + ((o + 0.5) * scale);
            if (center < 0 || center > key.Input)
            {
                continue;
            }
            int nearest = Math.Min((int)center, key.Input - 1);
            int first = isNearest ? nearest : Math.Max((int)(center - support + 0.5), 0);
            int end = isNearest ? nearest + 1 : Math.Min((int)(center + support + 0.5), key.Input);
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                sum += row[i - first] = isNearest ? 1 : filter.Weight((i + 0.5 - center) / stretch);
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
        Copies = FindCopies();
    }

    /// <summary>
    /// The input of the first output and the step to the next, 1 or −1, if each output equals an input; otherwise
    /// <see langword="null"/>. This is the case where a window is cut out without changing its size.
    /// </summary>
    public (int First, int Step)? Copies { get; }

    /// <summary><see langword="true"/> if sums may exceed the pixel range and must be clipped.</summary>
    public bool Overshoots { get; }

    /// <summary>The length of a row of <see cref="Weights"/>.</summary>
    public int Taps { get; }

    /// <summary>The most inputs that any output covers; unused weights are 0.</summary>
    public int MostTaps { get; }

    /// <summary>The first input of each output, relative to <see cref="First"/>.</summary>
    public int[] Offsets { get; }

    /// <summary>The first input of each output.</summary>
    public int[] Starts { get; }

    /// <summary>The number of inputs of each output; 0 outside the image, which is black.</summary>
    public int[] Counts { get; }

    /// <summary>The weights, (outputs, taps).</summary>
    public float[] Weights { get; }

    /// <summary>The first input that any output covers.</summary>
    public int First { get; }

    /// <summary>The end (exclusive) of the inputs that any output covers; at most <see cref="First"/> if there are none.</summary>
    public int End { get; }

    private (int First, int Step)? FindCopies()
    {
        (int first, int step) = (0, 1);
        for (int o = 0; o < Counts.Length; o++)
        {
            ReadOnlySpan<float> weights = Row(o);
            int at = weights.IndexOf(1f);
            if (at < 0 || weights[..at].ContainsAnyExcept(0f) || weights[(at + 1)..].ContainsAnyExcept(0f))
            {
                return null;
            }
            int input = Starts[o] + at;
            if (o == 0)
            {
                first = input;
            }
            else if (o == 1)
            {
                step = input - first;
            }
            if (input != first + (o * step) || step is not (1 or -1))
            {
                return null;
            }
        }
        return (first, step);
    }

    /// <summary>Returns the weights of one output.</summary>
    public ReadOnlySpan<float> Row(int output) => Weights.AsSpan(output * Taps, Counts[output]);
}
