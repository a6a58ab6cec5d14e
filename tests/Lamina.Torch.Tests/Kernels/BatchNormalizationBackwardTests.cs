namespace Lamina.Torch.Tests.Kernels;

/// <summary>Our backward of batch normalisation, beside libtorch's.</summary>
public sealed class BatchNormalizationBackwardTests
{
    [Theory]
    [InlineData(1, 3000, true)]
    [InlineData(96, 1024, true)]
    [InlineData(101, 5000, true)]
    [InlineData(48, 2, false)]
    public void Gradients_are_libtorchs_up_to_rounding(int channels, int rows, bool scales) =>
        VectorWidths.Run(new Libtorchs(channels, rows, scales));

    private sealed class Libtorchs(int channels, int rows, bool scales) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            using Tensor x = Values(1, rows, channels);
            using Tensor gradient = Values(2, rows, channels);
            using Tensor? gamma = scales ? Values(3, 1, channels).View(channels) : null;
            (Tensor output, Tensor? mean, Tensor? inverse) = Aten.BatchNorm(
                x,
                gamma,
                null,
                null,
                null,
                true,
                0.1,
                1e-3
            );
            output.Dispose();
            var expected = new Tensor?[3];
            using Tensor moving = Tensor.Zeros([channels]);
            Aten.BatchNormBackward(
                gradient,
                x,
                gamma,
                moving,
                moving,
                mean,
                inverse,
                true,
                1e-3,
                [true, scales, scales],
                expected
            );
            float[] before = gradient.AsSpan().ToArray();
            (Tensor ofGamma, Tensor ofBeta) = BatchNormalizationBackward<TVector>.Run(
                x,
                gradient,
                gamma,
                mean!,
                inverse!,
                false
            );
            Assert.Equal(before, gradient.AsSpan().ToArray());
            // Sums of numbers up to 2 and of both signs: what they cancel to is known only so far.
            Close(expected[1], ofGamma, rows / 50f);
            Close(expected[2], ofBeta, rows / 50f);
            ofGamma.Dispose();
            ofBeta.Dispose();
            (ofGamma, ofBeta) = BatchNormalizationBackward<TVector>.Run(x, gradient, gamma, mean!, inverse!, true);
            Close(expected[0], gradient);
            foreach (Tensor? tensor in (Tensor?[])[mean, inverse, ofGamma, ofBeta, .. expected])
            {
                tensor?.Dispose();
            }
        }
    }

    private static void Close(Tensor? expected, Tensor actual, float scale = 1e-2f)
    {
        if (expected is null)
        {
            return;
        }
        ReadOnlySpan<float> left = expected.AsSpan();
        ReadOnlySpan<float> right = actual.AsSpan();
        foreach (float value in left)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }
        for (int i = 0; i < left.Length; i++)
        {
            Assert.True(Math.Abs(left[i] - right[i]) <= 1e-5f * scale, $"{left[i]} and {right[i]} at {i}");
        }
    }

    private static Tensor Values(int seed, int rows, int channels)
    {
        Tensor result = Tensor.Empty([rows, channels]);
        var stream = new RandomStream(seed, RandomPurpose.User);
        foreach (ref float value in result.WriteSpan())
        {
            value = (3 * stream.NextSingle()) - 1;
        }
        return result;
    }
}
