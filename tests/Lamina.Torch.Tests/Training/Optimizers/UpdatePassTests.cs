namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Accumulating, clipping, the rule and averaging in one pass against the same one after the other.</summary>
public class UpdatePassTests
{
    // Several pieces for several threads, blocks in each, and an odd end.
    private const int Count = (3 * 32 * 1024) + 4096 + 7;
    private const float Share = 0.5f;
    private const float Most = 0.75f;
    private const float Scale = 0.3f;
    private const float Kept = 0.9f;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_pass_equals_several(bool adam)
    {
        float[] w = Noise(1),
            g = Noise(2),
            sum = Noise(3),
            m = Noise(4),
            v = Array.ConvertAll(Noise(5), Math.Abs),
            mean = Noise(6);
        using Tensor weight = Of(w),
            gradient = Of(g),
            accumulated = Of(sum),
            moments = Of(m),
            squares = Of(v),
            average = Of(mean);
        var context = new UpdateContext
        {
            Accumulated = accumulated,
            Share = Share,
            Clip = Most,
            Scale = Scale,
            Average = average,
            Momentum = Kept,
        };
        if (adam)
        {
            AdamUpdate.Run(
                weight,
                gradient,
                moments,
                squares,
                new AdamCoefficients(0.5, 0.25, 0.125, 0.0625, 1),
                context
            );
        }
        else
        {
            SgdUpdate.Run(weight, gradient, moments, new SgdCoefficients(0.5, -0.25, 0, 1, 1, 0, 0), context);
        }

        for (int i = 0; i < Count; i++)
        {
            float clipped = Math.Clamp((g[i] * Share) + (sum[i] * Share), -Most, Most) * Scale;
            float step;
            if (adam)
            {
                m[i] = (m[i] * 0.5f) + (clipped * 0.5f);
                v[i] = (v[i] * 0.25f) + (clipped * clipped * 0.75f);
                step = -(m[i] * 0.0625f / (MathF.Sqrt(v[i]) + 0.125f));
            }
            else
            {
                step = m[i] = (m[i] * 0.5f) + (clipped * -0.25f);
            }
            w[i] += step;
            mean[i] = (mean[i] * Kept) + (w[i] * (float)(1 - (double)Kept));
        }
        Assert.Equal(w, weight.AsSpan().ToArray());
        Assert.Equal(m, moments.AsSpan().ToArray());
        Assert.Equal(mean, average.AsSpan().ToArray());
        Assert.Equal(sum, accumulated.AsSpan().ToArray());
    }

    [Fact]
    public void Gradients_that_are_no_numbers_stay_so()
    {
        using Tensor weight = Of(Noise(1)),
            gradient = Of([.. Enumerable.Repeat(float.NaN, Count)]);
        SgdUpdate.Blend(weight, gradient, 1, -1, new UpdateContext { Clip = 1 });
        Assert.All(weight.AsSpan().ToArray(), w => Assert.True(float.IsNaN(w)));
    }

    private static Tensor Of(float[] values) => Tensor.FromSpan(values, [values.Length]);

    private static float[] Noise(int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var values = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            values[i] = (4 * random.NextSingle()) - 2;
        }
        return values;
    }
}
