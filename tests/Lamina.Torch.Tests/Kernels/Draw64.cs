using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>Inputs for checks. All values are exact in float32, so engine and reference see the same.</summary>
internal static class Draw64
{
    /// <summary>Uniform values, moved away from where a function has kinks.</summary>
    public static Array64 Uniform(int seed, int[] sizes, double low = -1, double high = 1, params double[] kinks)
    {
        var random = new RandomStream(seed, RandomPurpose.User, index: Array64.Product(sizes));
        var x = new Array64(sizes);
        for (int i = 0; i < x.Values.Length; i++)
        {
            double v = low + ((high - low) * random.NextDouble());
            foreach (double kink in kinks)
            {
                v = Math.Abs(v - kink) < .01 ? kink + (v < kink ? -.02 : .02) : v;
            }
            x.Values[i] = (float)v;
        }
        return x;
    }

    /// <summary>Values of both signs of which no two are near each other, so that a window's largest is one.</summary>
    public static Array64 Distinct(int seed, int[] sizes)
    {
        var x = new Array64(sizes);
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = (i - (x.Values.Length / 2)) / 64.0;
        }
        new RandomStream(seed, RandomPurpose.User).Shuffle(x.Values.AsSpan());
        return x;
    }
}
