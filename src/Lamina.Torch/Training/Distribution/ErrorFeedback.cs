using System.Numerics;
using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Rounds gradients to bfloat16, and adds what rounding left out to the next ones, so that over many steps nothing is lost
/// (Seide et al. 2014; Karimireddy et al. 2019).
/// </summary>
internal sealed class ErrorFeedback
{
    private const int Block = 1024;

    private readonly Dictionary<Weight, float[]> _remainders = [];

    /// <summary>Rounds a gradient.</summary>
    /// <param name="weight">The weight, whose remainder is added and replaced.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="rounded">Receives as many bfloat16 values.</param>
    public void Round(Weight weight, ReadOnlySpan<float> gradient, Span<ushort> rounded)
    {
        ref float[]? remainder = ref CollectionsMarshal.GetValueRefOrAddDefault(_remainders, weight, out _);
        remainder ??= new float[gradient.Length];
        Round(gradient, remainder, rounded);
    }

    /// <summary>Rounds values with the remainders of earlier ones.</summary>
    public static void Round(ReadOnlySpan<float> values, Span<float> remainders, Span<ushort> rounded)
    {
        Span<float> sums = stackalloc float[Block];
        Span<float> sent = stackalloc float[Block];
        for (int start = 0; start < values.Length; start += Block)
        {
            int length = Math.Min(Block, values.Length - start);
            Span<float> left = remainders.Slice(start, length);
            Span<ushort> target = rounded.Slice(start, length);
            Add(values.Slice(start, length), left, sums);
            BFloat16Values.Round(sums[..length], target);
            BFloat16Values.Widen(target, sent);
            Subtract(sums[..length], sent, left);
        }
    }

    private static void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> sums)
    {
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(a[i..]) + new Vector<float>(b[i..])).CopyTo(sums[i..]);
        }
        for (; i < a.Length; i++)
        {
            sums[i] = a[i] + b[i];
        }
    }

    // An infinite gradient would leave NaN for all later ones.
    private static void Subtract(ReadOnlySpan<float> sums, ReadOnlySpan<float> sent, Span<float> left)
    {
        int i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> error = new Vector<float>(sums[i..]) - new Vector<float>(sent[i..]);
            var isFinite = Vector.LessThanOrEqual(Vector.Abs(error), new Vector<float>(float.MaxValue));
            Vector.ConditionalSelect(isFinite, error, Vector<float>.Zero).CopyTo(left[i..]);
        }
        for (; i < sums.Length; i++)
        {
            float error = sums[i] - sent[i];
            left[i] = float.IsFinite(error) ? error : 0;
        }
    }
}
